using Sampan.Cli.Copying;
using Sampan.Cli.Registries;
using Sampan.DockerApi.Containers;

namespace Sampan.Cli.Commands.Images;

/// <summary>build --output: what becomes of the image besides being in the engine.</summary>
internal sealed class BuildOutputs
{
    private static readonly string[] s_types = ["local", "tar", "oci", "docker", "image", "registry"];

    private readonly IReadOnlyList<KeyValues> _outputs;

    private BuildOutputs(IReadOnlyList<KeyValues> outputs) => _outputs = outputs;

    /// <summary>Names that the image gets by outputs.</summary>
    public IEnumerable<string> Names => _outputs.Where(output => output.Type is "image" or "registry" or "docker" or "oci").SelectMany(output => (output["name"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Whether one goes to standard output: then nothing else does.</summary>
    public bool UsesStdout => _outputs.Any(output => output["dest"] == "-" || output.Type is "tar" && output["dest"] is null);

    /// <summary>Reads the values of --output.</summary>
    public static BuildOutputs Parse(IReadOnlyList<string> words, bool isPushed)
    {
        var outputs = words.Select(word => word == "-" ? KeyValues.Parse("output", "type=tar,dest=-", "type", "dest") : !word.Contains('=') ? KeyValues.Parse("output", "type=local,dest=" + word.Replace(",", "", StringComparison.Ordinal), "type", "dest")
            : KeyValues.Parse("output", word, "type", "dest", "name", "push", "tar")).ToList();
        foreach (var output in outputs)
        {
            if (!s_types.Contains(output.Type)) throw new CommandException($"output type '{output.Type}' is not supported: expected {string.Join(", ", s_types)}");
            if (output.Type is "local") output.Required("dest");
            if (output.Type is "registry" && output["name"] is null && !isPushed) output.Required("name");
        }
        return new BuildOutputs(outputs);
    }

    /// <summary>Writes them all.</summary>
    public async Task WriteAsync(Invocation call, string imageId, IReadOnlyList<string> names, bool isPushed)
    {
        foreach (var output in _outputs)
        {
            switch (output.Type)
            {
                case "local":
                    await FilesAsync(call, imageId, stream => ExtractAsync(stream, output.Required("dest"))).ConfigureAwait(false);
                    break;
                case "tar":
                    await FilesAsync(call, imageId, stream => ArchiveVerbs.CopyOutAsync(call, stream, output["dest"] is "-" or null ? null : output["dest"])).ConfigureAwait(false);
                    break;
                case "docker" or "oci" when output["dest"] is { } file:
                    var archive = await call.Client.SaveImagesAsync(names.Count > 0 ? names : [imageId], null, call.Cancelled).ConfigureAwait(false);
                    await using (archive.ConfigureAwait(false)) await (output.Flag("tar", whenAbsent: true) ? ArchiveVerbs.CopyOutAsync(call, archive, file == "-" ? null : file) : ExtractAsync(archive, file)).ConfigureAwait(false);
                    break;
                case "oci":
                    throw new CommandException("output type 'oci' needs a dest");
            }
        }
        if (isPushed || _outputs.Any(output => output.Type == "registry" || output.Flag("push")))
        {
            if (names.Count == 0) throw new CommandException("a name is needed to push to: give --tag");
            foreach (string name in names) await call.RunAsync(PushCommand.Command, ["-q", name]).ConfigureAwait(false);
        }
        // An image that was only wanted for its files has no name, and nobody looks for it.
        if (_outputs.Count > 0 && names.Count == 0 && _outputs.All(output => output.Type is "local" or "tar" or "oci" || output["dest"] is not null)
            && await call.Client.InspectImageAsync(imageId, call.Cancelled).ConfigureAwait(false) is { RepoTags: not { Count: > 0 } })
            await call.Client.RemoveImageAsync(imageId, noPrune: true, cancellationToken: call.Cancelled).ConfigureAwait(false);
    }

    // By way of a container that never runs.
    private static async Task FilesAsync(Invocation call, string imageId, Func<Stream, Task> take)
    {
        var made = await call.Client.CreateContainerAsync(new ContainerCreateRequest { Image = imageId, Entrypoint = [], Cmd = ["/"], HostConfig = new HostConfig { NetworkMode = "none" } }, cancellationToken: call.Cancelled).ConfigureAwait(false);
        try
        {
            var files = await call.Client.ExportContainerAsync(made.Id, asImage: true, call.Cancelled).ConfigureAwait(false);
            await using (files.ConfigureAwait(false)) await take(files).ConfigureAwait(false);
        }
        finally
        {
            await call.Client.RemoveContainerAsync(made.Id, force: true, volumes: true, cancellationToken: CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async Task ExtractAsync(Stream archive, string directory)
    {
        Directory.CreateDirectory(directory);
        await Task.Run(() => LocalTree.ExtractAll(archive, directory)).ConfigureAwait(false);
    }
}
