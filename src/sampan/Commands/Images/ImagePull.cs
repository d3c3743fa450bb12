using Sampan.Cli.Output;

namespace Sampan.Cli.Commands.Images;

/// <summary>Fetches an image and shows how it goes.</summary>
internal static class ImagePull
{
    public static async Task RunAsync(Invocation call, string name, string? platform, TextWriter progress)
    {
        var (repository, tag) = ImageName.Split(name);
        var messages = await call.Client.PullImageAsync(repository, tag ?? "latest", platform, null, call.Cancelled).ConfigureAwait(false);
        await ProgressPrinter.PrintAsync(messages, progress, StandardIo.OutIsTerminal).ConfigureAwait(false);
    }
}
