using Sampan.Cli.Arguments;
using Sampan.Compose.Running;

namespace Sampan.Cli.Compose;

/// <summary>compose down.</summary>
internal static class DownCommand
{
    private static readonly Option<bool> s_orphans = Option.Flag("remove-orphans", null, "Remove containers of services that are not in the files");
    private static readonly Option<string> s_rmi = new("rmi", null, "string", "Remove images: all, or local (those without a name of their own)", "", static (_, t) => t is "all" or "local" ? t : throw new FormatException("expected all or local")) { Choices = ["all", "local"] };
    private static readonly Option<long?> s_timeout = Option.Number("timeout", 't', "Seconds to wait before killing what is stopped");
    private static readonly Option<bool> s_volumes = Option.Flag("volumes", 'v', "Remove the project's volumes, named or not");

    public static Command Command { get; } = new()
    {
        Name = "down",
        Summary = "Stop and remove containers, networks",
        Arguments = "[SERVICES]",
        Options = [s_orphans, s_rmi, s_timeout, s_volumes],
        Run = async call =>
        {
            await Runner.Find(call, call.Words).DownAsync(
                new DownOptions
                {
                    Services = call.Words,
                    Volumes = call.Get(s_volumes),
                    RemoveOrphans = call.Get(s_orphans),
                    Images = call.Given(s_rmi),
                    StopSeconds = (int?)call.Get(s_timeout),
                }, call.Cancelled).ConfigureAwait(false);
            return 0;
        },
    };
}
