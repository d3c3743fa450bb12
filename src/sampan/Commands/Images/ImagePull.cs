using Sampan.Cli.Output;
using Sampan.Cli.Registries;

namespace Sampan.Cli.Commands.Images;

/// <summary>Fetches an image and shows how it goes.</summary>
internal static class ImagePull
{
    public static async Task RunAsync(Invocation call, string name, string? platform, TextWriter progress, bool allTags = false)
    {
        var (repository, tag) = ImageName.Split(name);
        var messages = await call.Client.PullImageAsync(repository, tag ?? (allTags ? null : "latest"), platform, RegistryAuth.ForImage(call, name), call.Cancelled).ConfigureAwait(false);
        await ProgressPrinter.PrintAsync(messages, progress, StandardIo.OutIsTerminal).ConfigureAwait(false);
    }
}
