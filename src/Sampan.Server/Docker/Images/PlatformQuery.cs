using System.Text.Json;
using Sampan.DockerApi;
using Sampan.Engine;
using Sampan.Oci.Images;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Images;

/// <summary>Reads the platforms in queries: JSON of the OCI form.</summary>
internal static class PlatformQuery
{
    /// <summary>The one platform that a query names; null: none.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: it is none; <see cref="ErrorKind.NotSupported"/>: there are several.</exception>
    internal static Platform? One(Exchange x) => x.QueryAll("platform") switch
    {
        [] or [""] => null,
        [var text] => Read(text),
        _ => throw new EngineException(ErrorKind.NotSupported, "several values of 'platform' are not supported: give one, or none for all platforms"),
    };

    /// <summary>All platforms that a query names.</summary>
    /// <param name="x">The request.</param>
    /// <param name="parameter">What they are called there.</param>
    internal static IReadOnlyList<Platform> All(Exchange x, string parameter) => [.. x.QueryAll(parameter).Where(text => text.Length > 0).Select(Read)];

    /// <summary>The platforms of an archive; empty: all.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: one is none, or there are several and the version knows one only.</exception>
    internal static IReadOnlyList<Platform> OfArchive(Exchange x) => x.QueryAll("platform").Count > 1 && !ApiVersionShims.TakesSeveralPlatforms(x.Version)
        ? throw new EngineException(ErrorKind.InvalidArgument, "multiple platform parameters are not supported in this API version; use API version 1.52 or later")
        : All(x, "platform");

    private static Platform Read(string text)
    {
        try
        {
            if (JsonSerializer.Deserialize(text, DockerApiJson.Wire.OciPlatform) is { Os.Length: > 0 } given)
            {
                var platform = new Platform { Os = given.Os.ToLowerInvariant(), Architecture = given.Architecture, Variant = given.Variant, OsVersion = given.OsVersion }.Normalize();
                return platform.Architecture.Length > 0 ? platform : Platform.Current with { Os = platform.Os };
            }
        }
        catch (JsonException)
        {
            // Told below.
        }

        throw new EngineException(ErrorKind.InvalidArgument, $"invalid platform '{text}': expected JSON such as {{\"os\":\"linux\",\"architecture\":\"arm64\"}}");
    }
}
