using Sampan.Cli.Arguments;
using Sampan.Cli.Output;
using Sampan.Cli.Registries;
using Sampan.Cli.Requests;

namespace Sampan.Cli.Commands.Plugins;

/// <summary>plugin push.</summary>
internal static class PluginPushCommand
{
    public static Command Command { get; } = new()
    {
        Name = "push",
        Summary = "Push a plugin to a registry",
        Arguments = "PLUGIN[:TAG]",
        MinWords = 1,
        MaxWords = 1,
        Options = [CreateOptions.DisableContentTrust],
        Completes = Candidates.Plugins,
        Run = async call =>
        {
            string name = call.Words[0];
            if (name.Contains('@')) throw new CommandException($"invalid name: {name}");
            var messages = await call.Client.PushPluginAsync(name, RegistryAuth.ForImage(call, name) ?? RegistryAuth.Header(new()), call.Cancelled).ConfigureAwait(false);
            await ProgressPrinter.PrintAsync(messages, call.Out, StandardIo.OutIsTerminal).ConfigureAwait(false);
            return 0;
        },
    };
}
