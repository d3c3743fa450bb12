using Sampan.Cli.Arguments;
using Sampan.Compose.Running;

namespace Sampan.Cli.Compose;

/// <summary>compose watch.</summary>
internal static class WatchCommand
{
    private static readonly Option<bool> s_noUp = Option.Flag("no-up", null, "Don't build and start services first");
    private static readonly Option<bool> s_prune = Option.Flag("prune", null, "Remove images that a new build made superfluous");
    private static readonly Option<bool> s_quiet = Option.Flag("quiet", null, "Don't show how building goes");

    public static Command Command { get; } = new()
    {
        Name = "watch",
        Summary = "Watch build context for service and rebuild/refresh containers when files are updated",
        Details = "What is done for which files, a service's 'develop.watch' says: copy them into its containers, and restart\nthem or run a command there, or build the image anew.",
        Arguments = "[SERVICE...]",
        Options = [s_noUp, s_prune, s_quiet],
        Run = async call =>
        {
            var project = ComposeProject.Load(call, call.Words);
            var runner = Runner.Create(call, project.Name, project, call.Get(s_quiet));
            using var signals = new Interruption();
            using var watch = new Watch(call, project, runner, call.Words) { Prunes = call.Get(s_prune) };
            try
            {
                if (!call.Get(s_noUp)) await runner.UpAsync(new UpOptions { Services = watch.Services, Build = BuildMode.Always }, signals.Asked).ConfigureAwait(false);
                await watch.RunAsync(signals.Asked).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (signals.Asked.IsCancellationRequested)
            {
                // The user has enough; the containers stay.
            }
            return 0;
        },
    };
}
