using Sampan.DockerApi;
using Sampan.Engine;

namespace Sampan.Server.Http;

/// <summary>A request's path taken apart: <c>/v1.43/containers/json</c> is version 1.43 and two segments.</summary>
internal readonly struct RequestPath
{
    private RequestPath(ApiVersion version, string[] segments)
    {
        Version = version;
        Segments = segments;
    }

    /// <summary>The version asked for; the newest if the path names none.</summary>
    internal ApiVersion Version { get; }

    /// <summary>The segments behind the version.</summary>
    internal string[] Segments { get; }

    /// <summary>The path as it is understood: the version, then the segments, each escaped.</summary>
    internal string Canonical => $"/v{Version}/{string.Join('/', Segments.Select(Uri.EscapeDataString))}";

    /// <summary>Reads a decoded path.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: a version that Sampan does not speak.</exception>
    internal static RequestPath Parse(string path)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < segments.Length; i++)
        {
            // Kestrel decodes all but the slash, so that it cannot change how a path divides.
            if (segments[i].Contains("%2", StringComparison.Ordinal))
                segments[i] = segments[i].Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        }

        if (segments.Length == 0 || segments[0].Length < 2 || segments[0][0] != 'v' || !char.IsAsciiDigit(segments[0][1]))
            return new RequestPath(ApiVersion.Newest, segments);

        var text = segments[0][1..];
        if (!ApiVersion.TryParse(text, out var version))
            throw new EngineException(ErrorKind.InvalidArgument, $"invalid API version '{text}': expected a version such as '{ApiVersion.Newest}'");
        if (version < ApiVersion.Oldest)
            throw new EngineException(ErrorKind.InvalidArgument, $"client version {version} is too old. Minimum supported API version is {ApiVersion.Oldest}, please upgrade your client to a newer version");
        if (version > ApiVersion.Newest)
            throw new EngineException(ErrorKind.InvalidArgument, $"client version {version} is too new. Maximum supported API version is {ApiVersion.Newest}");
        return new RequestPath(version, segments[1..]);
    }
}
