using System.Formats.Tar;
using Sampan.Cli.Copying;

namespace Sampan.Cli.Commands.Images;

/// <summary>
/// build --cache-from, --cache-to. To the engine every cache is an image; one that lies in a local directory is loaded before and saved after the
/// build, an OCI image layout.
/// </summary>
internal sealed class BuildCaches
{
    private readonly List<(string Directory, string Name)> _saved = [];
    private readonly List<string> _loaded = [];

    /// <summary>For the engine.</summary>
    public List<string> From { get; } = [];

    /// <summary>For the engine.</summary>
    public List<string> To { get; } = [];

    /// <summary>The image brings its own.</summary>
    public bool IsInline { get; private set; }

    /// <summary>Reads the options and loads what is local.</summary>
    public static async Task<BuildCaches> ReadAsync(Invocation call, IReadOnlyList<string> from, IReadOnlyList<string> to)
    {
        var caches = new BuildCaches();
        foreach (string word in to)
        {
            var target = word.Contains('=') ? KeyValues.Parse("cache-to", word, "type", "ref", "dest", "mode", "mounts", "oci-mediatypes", "image-manifest") : KeyValues.Parse("cache-to", $"type=registry,ref={word}", "type", "ref");
            if (!target.Flag("oci-mediatypes", whenAbsent: true) || !target.Flag("image-manifest", whenAbsent: true)) throw new CommandException("--cache-to: a cache is always an OCI image: leave out oci-mediatypes=false and image-manifest=false");
            string mode = target["mode"] switch { null or "max" => "", "min" => ";min", var other => throw new CommandException($"unknown mode '{other}' of --cache-to: expected min or max") };
            string flags = mode + (target.Flag("mounts", whenAbsent: true) ? "" : ";nomounts");
            switch (target.Type)
            {
                case "inline":
                    caches.IsInline = true;
                    break;
                case "registry":
                    caches.To.Add($"{target.Required("ref")};push{flags}");
                    break;
                case "local":
                    string name = $"localhost/sampan-build-cache:{Guid.NewGuid():n}";
                    caches._saved.Add((target.Required("dest"), name));
                    caches.To.Add(name + flags);
                    break;
                default:
                    throw new CommandException($"cache type '{target.Type}' is not supported: expected inline, registry or local");
            }
        }
        foreach (string word in from)
        {
            var source = word.Contains('=') ? KeyValues.Parse("cache-from", word, "type", "ref", "src") : KeyValues.Parse("cache-from", $"type=registry,ref={word}", "type", "ref");
            if (source.Type is "registry") caches.From.Add("pull:" + source.Required("ref"));
            else if (source.Type is not "local") throw new CommandException($"cache type '{source.Type}' is not supported: expected registry or local");
            else await caches.LoadAsync(call, source.Required("src")).ConfigureAwait(false);
        }
        return caches;
    }

    /// <summary>Saves what is for local directories, and removes what was loaded for this build alone.</summary>
    /// <param name="call">The command.</param>
    /// <param name="isWhole">The build succeeded: then every cache must be there.</param>
    public async Task EndAsync(Invocation call, bool isWhole)
    {
        foreach (var (directory, name) in _saved)
        {
            if (!isWhole && (await call.Client.ListImagesAsync(filters: new DockerApi.Client.Filters().Add("reference", name), cancellationToken: call.Cancelled).ConfigureAwait(false)).Count == 0) continue;
            string unfinished = $"{directory.TrimEnd('/')}.tmp-{Guid.NewGuid():n}";
            Directory.CreateDirectory(unfinished);
            try
            {
                var archive = await call.Client.SaveImagesAsync([name], null, call.Cancelled).ConfigureAwait(false);
                await using (archive.ConfigureAwait(false)) await Task.Run(() => LocalTree.ExtractAll(archive, unfinished), call.Cancelled).ConfigureAwait(false);
                if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
                Directory.Move(unfinished, directory);
            }
            finally
            {
                if (Directory.Exists(unfinished)) Directory.Delete(unfinished, recursive: true);
            }
            _loaded.Add(name);
        }
        foreach (string name in _loaded) await call.Client.RemoveImageAsync(name, force: true, cancellationToken: CancellationToken.None).ConfigureAwait(false);
        _loaded.Clear();
    }

    // No cache yet is no reason not to build.
    private async Task LoadAsync(Invocation call, string directory)
    {
        if (!File.Exists(Path.Combine(directory, "index.json")))
        {
            call.Error.WriteLine($"WARNING: no cache in '{directory}': there is no index.json");
            return;
        }
        using var archive = new FileStream(Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 4096, FileOptions.DeleteOnClose);
        await TarFile.CreateFromDirectoryAsync(directory, archive, includeBaseDirectory: false, call.Cancelled).ConfigureAwait(false);
        archive.Position = 0;
        await foreach (var message in (await call.Client.LoadImagesAsync(archive, quiet: true, cancellationToken: call.Cancelled).ConfigureAwait(false)).ConfigureAwait(false))
        {
            if (message.Error is { Length: > 0 } wrong) throw new CommandException($"cannot read the cache in '{directory}': {wrong}");
            const string Loaded = "Loaded image: ";
            if (message.Stream?.StartsWith(Loaded, StringComparison.Ordinal) != true) continue;
            string name = message.Stream[Loaded.Length..].Trim();
            From.Add(name);
            _loaded.Add(name);
        }
    }
}
