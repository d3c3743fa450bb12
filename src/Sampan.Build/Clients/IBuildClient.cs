using Sampan.Engine.Images;

namespace Sampan.Build.Clients;

/// <summary>
/// A client that stays connected while its build runs: nothing is sent ahead, the build asks for what it needs. Another process is behind it, which may say
/// anything and leave at any time. Thread-safe; each method fails with a <see cref="BuildException"/> that names the client's reason.
/// </summary>
public interface IBuildClient
{
    /// <summary>The same for each build from one directory of one machine; empty: nothing is kept from build to build.</summary>
    string ContextKey { get; }

    /// <summary>What people call the directory.</summary>
    string ContextName { get; }

    /// <summary>Lists files of a directory that the client shows; the contents can be fetched until it is disposed.</summary>
    /// <param name="directory">The client's name for it: <c>context</c>, <c>dockerfile</c>.</param>
    /// <param name="follows">Only these, links on the way included; empty: all.</param>
    /// <param name="excludes">Not these, in the language of <c>.dockerignore</c>.</param>
    /// <param name="ct">Gives up.</param>
    Task<IClientFiles> ListAsync(string directory, IReadOnlyList<string> follows, IReadOnlyList<string> excludes, CancellationToken ct);

    /// <summary>A secret; null: the client has none of that id.</summary>
    Task<byte[]?> FindSecretAsync(string id, CancellationToken ct);

    /// <summary>Whether the client forwards this SSH agent.</summary>
    Task<bool> HasAgentAsync(string id, CancellationToken ct);

    /// <summary>Talks with an SSH agent of the client's for somebody who connected, until either ends.</summary>
    Task TalkAsync(string id, Stream connection, CancellationToken ct);

    /// <summary>The client's credentials for a registry; null: it has none.</summary>
    Task<RegistryLogin?> FindLoginAsync(string host, CancellationToken ct);
}
