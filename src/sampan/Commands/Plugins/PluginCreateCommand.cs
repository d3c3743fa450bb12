using System.IO.Compression;
using System.IO.Pipelines;
using Sampan.Cli.Arguments;
using Sampan.Cli.Copying;

namespace Sampan.Cli.Commands.Plugins;

/// <summary>plugin create.</summary>
internal static class PluginCreateCommand
{
    private static readonly Option<bool> s_compress = Option.Flag("compress", null, "Compress what is sent with gzip");

    public static Command Command { get; } = new()
    {
        Name = "create",
        Summary = "Create a plugin from a directory with config.json and rootfs",
        Details = "config.json says what the plugin is and asks for, rootfs are its files: see docs/plugins.md.",
        Arguments = "PLUGIN DIRECTORY",
        MinWords = 2,
        MaxWords = 2,
        Options = [s_compress],
        Completes = Candidates.Files,
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        string directory = LocalTree.Resolve(call.Words[1], follow: true);
        if (!Directory.Exists(directory)) throw new CommandException("context must be a directory");
        if (!File.Exists(Path.Combine(directory, "config.json"))) throw new CommandException($"'{directory}' holds no config.json");
        if (!LocalTree.IsDirectory(Path.Combine(directory, "rootfs"))) throw new CommandException($"'{directory}' holds no directory 'rootfs'");
        await LocalTree.SendAsync(directory, ".", async tar =>
        {
            if (!call.Get(s_compress))
            {
                await call.Client.CreatePluginAsync(call.Words[0], tar, call.Cancelled).ConfigureAwait(false);
                return;
            }
            var pipe = new Pipe();
            var packing = PackAsync(tar, pipe.Writer, call.Cancelled);
            try
            {
                await call.Client.CreatePluginAsync(call.Words[0], pipe.Reader.AsStream(), call.Cancelled).ConfigureAwait(false);
            }
            finally
            {
                await pipe.Reader.CompleteAsync().ConfigureAwait(false);
                await packing.ConfigureAwait(false);
            }
        }, call.Cancelled).ConfigureAwait(false);
        call.Out.WriteLine(call.Words[0]);
        return 0;
    }

    private static async Task PackAsync(Stream plain, PipeWriter packed, CancellationToken cancellationToken)
    {
        try
        {
            var gzip = new GZipStream(packed.AsStream(leaveOpen: true), CompressionLevel.Fastest);
            await using (gzip.ConfigureAwait(false)) await plain.CopyToAsync(gzip, cancellationToken).ConfigureAwait(false);
            await packed.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Whoever reads is told.
            await packed.CompleteAsync(e).ConfigureAwait(false);
        }
    }
}
