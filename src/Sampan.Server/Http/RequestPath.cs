using Sampan.DockerApi;
using Sampan.Engine;

namespace Sampan.Server.Http;

/// <summary>A request's path taken apart: <c>/v1.43/containers/json</c> is version 1.43 and two segments.</summary>
internal readonly struct RequestPath
{
    // As it was written; null: the path names none.
    private readonly string? _version;

    private RequestPath(string? version, string[] segments)
    {
        _version = version;
        // A major version alone is older than any of its minor ones.
        if (version is null)
            Version = ApiVersion.Newest;
        else if (ApiVersion.TryParse(version, out var known) || ApiVersion.TryParse(version + ".0", out known))
            Version = known;
        Segments = segments;
    }

    /// <summary>The version asked for; the newest if the path names none.</summary>
    internal ApiVersion Version { get; }

    /// <summary>The segments behind the version.</summary>
    internal string[] Segments { get; }

    /// <summary>The path as it is understood: the version, then the segments, each escaped.</summary>
    internal string Canonical => $"/v{Version}/{string.Join('/', Segments.Select(Uri.EscapeDataString))}";

    /// <summary>Reads a decoded path.</summary>
    internal static RequestPath Parse(string path)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < segments.Length; i++)
        {
            // Kestrel decodes all but the slash, so that it cannot change how a path divides.
            if (segments[i].Contains("%2", StringComparison.Ordinal))
                segments[i] = segments[i].Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        }

        return segments is [['v', .. { Length: > 0 } text], .. var rest] && text.AsSpan().TrimStart("0123456789.").IsEmpty
            ? new RequestPath(text, rest)
            : new RequestPath(null, segments);
    }

    /// <summary>Goes on if Sampan speaks the version.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: it does not.</exception>
    internal void RequireKnownVersion()
    {
        if (Version == default)
            throw new EngineException(ErrorKind.InvalidArgument, $"invalid API version '{_version}': expected a version such as '{ApiVersion.Newest}'");
        if (Version < ApiVersion.Oldest)
            throw new EngineException(ErrorKind.InvalidArgument, $"client version {_version} is too old. Minimum supported API version is {ApiVersion.Oldest}, please upgrade your client to a newer version");
        if (Version > ApiVersion.Newest)
            throw new EngineException(ErrorKind.InvalidArgument, $"client version {_version} is too new. Maximum supported API version is {ApiVersion.Newest}");
    }
}
