using System.Runtime.InteropServices;
using System.Text;
using Sampan.Build.Agents;
using Sampan.Build.Clients;
using Sampan.Build.Execution;
using Sampan.Build.Parsing;
using Sampan.Engine;
using Sampan.Storage.Archives;
using Sampan.Storage.Building;

namespace Sampan.Build;

/// <summary>Where a build's files come from: archives, repositories, addresses, and what was sent before.</summary>
public sealed partial class Builder
{
    // Docker's client leaves the mark of the end out of what it sends for "build -f -"; whether all has come is HTTP's to know.
    private static readonly ArchiveLimits s_limits = ArchiveLimits.Default with { MayLackEnd = true };

    /// <summary>Takes a client's offer to send a context.</summary>
    /// <param name="key">The client's name for the context, the same each time.</param>
    /// <param name="path">Where it lies there, for people.</param>
    /// <param name="files">Names in the archive with fingerprints; an empty one: known by nothing.</param>
    /// <param name="opened">Those of them that the client has open: their contents are read from there when they are needed.</param>
    /// <param name="connection">The client's connection, which tells whose open files they are; null: nobody's.</param>
    /// <returns>The offer's id for <see cref="BuildRequest.KnownContext"/>, and for each file whether its content may be left out; null: another build has the context now.</returns>
    public (string Id, IReadOnlyList<bool> Known)? OfferContext(string key, string path, IReadOnlyList<KeyValuePair<string, string>> files, IReadOnlyList<OpenedFile> opened, SafeHandle? connection) =>
        _contexts.Offer(key, path, files, opened, connection);

    private string Spool => Directory.CreateDirectory(Path.Combine(_engine.Steps.DataDirectory, "spool"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;

    private Task<(SourceTree Tree, bool IsBare)> ReadContextAsync(BuildRequest request, IBuildAgents agents, OfferedContext? offered, CancellationToken ct) => request.Remote is { Length: > 0 } remote ? FetchContextAsync(remote, request, agents, ct)
        : ReadArchiveAsync(request.Context ?? Stream.Null, ct, offered);

    private async Task<(SourceTree Tree, bool IsBare)> ReadArchiveAsync(Stream archive, CancellationToken ct, OfferedContext? offered = null) => (await SourceTree.ReadArchiveAsync(archive, Spool, s_limits, asRoot: true, ct, offered), false);

    private async Task<(SourceTree Tree, bool IsBare)> FetchContextAsync(string remote, BuildRequest request, IBuildAgents agents, CancellationToken ct)
    {
        if (GitAddress.IsOne(remote))
        {
            var repository = GitAddress.Parse(remote);
            var (files, _) = await Repositories.FetchAsync(repository, _engine.Steps, agents, request.Arguments.GetValueOrDefault("BUILDKIT_CONTEXT_KEEP_GIT_DIR") is "1" or "true" or "True" or "TRUE", await ClientSecrets.OfAsync(request, repository.Url, ct), ct);
            return files.Narrow(repository.Directory ?? "") ? (files, false) : throw BuildException.Invalid($"directory '{repository.Directory}' is not in the repository");
        }
        if (!Uri.TryCreate(remote, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new BuildException(ErrorKind.NotSupported, $"remote context '{remote}' is not supported by this builder: give an address of a git repository, or an http or https address of a tar archive or a Dockerfile");
        var fetched = await RemoteContext.FetchAsync(address, 1 << 30, await ClientSecrets.OfAsync(request, remote, ct), ct);
        var file = SourceTree.Of(("Dockerfile", fetched.Content, (UnixFileMode)0x1a4, null));
        return SourceTree.IsArchive(SourceTree.List(file.Root).Single()) ? await ReadArchiveAsync(new MemoryStream(fetched.Content), ct) : (file, true);
    }

    // Directories come in the same archive; others are fetched now. Images are found when they are needed.
    private async Task<Dictionary<string, SourceTree>> ReadContextsAsync(BuildFiles files, BuildRequest request, SourceTree context, IBuildAgents agents, CancellationToken ct)
    {
        var named = new Dictionary<string, SourceTree>(StringComparer.Ordinal);
        var sent = request.Contexts.Count == 0 ? null : context.TakeOut(BuildRequest.ContextsDirectory);
        foreach (var (name, value) in request.Contexts)
        {
            if (value.StartsWith("docker-image://", StringComparison.Ordinal))
                continue;
            named[name] = !value.StartsWith("dir:", StringComparison.Ordinal) ? files.Own((await FetchContextAsync(value, request, agents, ct)).Tree)
                : sent?.TakeOut(value["dir:".Length..]) ?? throw BuildException.Invalid($"build context '{name}' is not in what the client sent");
        }
        return named;
    }

    // "NAME.dockerignore" beside the Dockerfile comes before the context's own.
    private static IgnoreRules? Rules(SourceTree context, string dockerfile)
    {
        var name = context.Find(dockerfile + ".dockerignore") is null ? ".dockerignore" : dockerfile + ".dockerignore";
        if (context.Find(name) is not { Kind: SourceKind.File } file)
            return null;
        try
        {
            return IgnoreRules.Read(Encoding.UTF8.GetString(file.ReadAll(DockerfileLimits.MaxBytes)));
        }
        catch (FormatException wrong)
        {
            throw BuildException.Invalid($"failed to read {name}: {wrong.Message}", wrong);
        }
    }
}
