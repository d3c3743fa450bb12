using Sampan.Build;
using Sampan.Engine;
using Sampan.Oci.Images;

namespace Sampan.Server.BuildKit;

/// <summary>What clients say of caches that come from elsewhere or go there: a type, and attributes. Pure.</summary>
internal static class CacheEntries
{
    /// <summary>The image that brings a cache.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotSupported"/>: it is none.</exception>
    internal static string Source(string type, IReadOnlyDictionary<string, string> attributes)
    {
        if (type != "registry")
            throw new EngineException(ErrorKind.NotSupported, $"a cache of type '{type}' is not supported by this builder as a source: use type=registry");
        return attributes.GetValueOrDefault("ref") is { Length: > 0 } name ? name : throw new EngineException(ErrorKind.InvalidArgument, "a cache of type 'registry' needs its 'ref'");
    }

    /// <summary>Where a cache goes; null: into the built image.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotSupported"/>: nothing goes there.</exception>
    internal static CacheTarget? Target(string type, IReadOnlyDictionary<string, string> attributes)
    {
        if (type == "inline")
            return null;
        if (type != "registry")
            throw new EngineException(ErrorKind.NotSupported, $"a cache of type '{type}' is not supported by this builder as a target: use type=inline or type=registry");
        if (attributes.GetValueOrDefault("ref") is not { Length: > 0 } text)
            throw new EngineException(ErrorKind.InvalidArgument, "a cache of type 'registry' needs its 'ref'");
        if (!ImageReference.TryParse(text, out var name, out var error) || name.Digest is not null)
            throw new EngineException(ErrorKind.InvalidArgument, $"invalid ref '{text}' of a cache: {error ?? "it has a digest"}");
        var isMinimal = attributes.GetValueOrDefault("mode") switch
        {
            "max" => false,
            null or "" or "min" => true,
            var other => throw new EngineException(ErrorKind.InvalidArgument, $"invalid mode '{other}' of a cache: expected min or max"),
        };
        return new CacheTarget(name.Tag is null && ImageReference.TryParse(text + ":latest", out var tagged, out _) ? tagged : name, IsPushed: true, isMinimal, HasMounts: !isMinimal);
    }
}
