using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sampan.Build;
using Sampan.DockerApi;
using Sampan.DockerApi.Engines;
using Sampan.Engine;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Images;
using Sampan.Oci.Images;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Images;

/// <summary>Makes a build of the query and the headers of <c>POST /build</c>. What this builder cannot do is refused by name.</summary>
internal static class BuildRequestMapper
{
    /// <summary>The builder version of builds that ask their client for what they need.</summary>
    internal const string SessionVersion = "2";

    private const int MaxHeader = 256 * 1024;

    /// <summary>Reads the request.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: a parameter is malformed. <see cref="ErrorKind.NotSupported"/>: it asks for what is not there.</exception>
    internal static BuildRequest FromRequest(Exchange x, IReadOnlyList<UlimitSpec> defaults)
    {
        Refuse(x);
        var ulimits = List(x, "ulimits", DockerApiJson.Wire.UlimitList).Select(limit => new UlimitSpec(limit.Name, limit.Soft, limit.Hard)).ToList();
        var arguments = Json(x, "buildargs", DockerApiJson.Wire.StringMap)?.ToDictionary(pair => pair.Key, pair => (string?)pair.Value) ?? [];
        return new BuildRequest
        {
            Context = x.Archive,
            Remote = x.Query("remote"),
            Dockerfile = x.Query("dockerfile") ?? "Dockerfile",
            Tags = [.. x.QueryAll("t").Select(Tag)],
            Arguments = arguments,
            Labels = Json(x, "labels", DockerApiJson.Wire.StringMap) ?? new Dictionary<string, string>(),
            Target = x.Query("target"),
            NoCache = x.Flag("nocache"),
            NoCacheStages = [.. x.QueryAll("nocachefilter")],
            Pull = x.Flag("pull"),
            Network = x.Query("networkmode"),
            ExtraHosts = [.. x.QueryAll("extrahosts").SelectMany(hosts => hosts.Split(',', StringSplitOptions.RemoveEmptyEntries))],
            Resources = new ResourceLimits
            {
                Memory = Positive(x.Number("memory")),
                MemorySwap = x.Number("memswap") is { } swap && swap != 0 ? swap : null,
                CpuShares = Positive(x.Number("cpushares")),
                CpuPeriod = Positive(x.Number("cpuperiod")),
                CpuQuota = Positive(x.Number("cpuquota")),
                CpusetCpus = x.Query("cpusetcpus"),
                CpusetMems = x.Query("cpusetmems"),
                CgroupParent = x.Query("cgroupparent"),
                Ulimits = [.. ulimits, .. defaults.Where(usual => !ulimits.Exists(limit => limit.Name == usual.Name))],
            },
            ShmSize = Positive(x.Number("shmsize")),
            SecurityOptions = SecurityOptions(x),
            Platform = x.Query("platform") is { } platform ? Platform.TryParse(platform, out var parsed) ? parsed.Normalize()
                : throw new EngineException(ErrorKind.InvalidArgument, $"invalid platform '{platform}': expected os[/architecture[/variant]]") : null,
            Logins = Logins(x),
            Secrets = Secrets(x),
            SshAgents = [.. x.QueryAll("ssh")],
            AgentSession = x.Query("agentsession"),
            CacheSources = [.. List(x, "cachefrom", DockerApiJson.Wire.StringList).Select(CacheSource)],
            CacheTargets = [.. x.QueryAll("cacheto").Select(CacheTarget)],
            HasInlineCache = x.Flag("cacheinline") || arguments.GetValueOrDefault("BUILDKIT_INLINE_CACHE") == "1",
            Contexts = Json(x, "contexts", DockerApiJson.Wire.StringMap) ?? new Dictionary<string, string>(),
            Entitlements = x.QueryAll("allow").Select(Entitlement).ToHashSet(StringComparer.Ordinal),
            IsSquashed = x.Flag("squash"),
            Annotations = Json(x, "annotations", DockerApiJson.Wire.StringMap) ?? new Dictionary<string, string>(),
            KnownContext = x.Query("knowncontext"),
            WatchesSteps = x.Flag("steps"),
            KeepsFailed = x.Flag("keepfailed"),
        };
    }

    private static void Refuse(Exchange x)
    {
        var isSession = x.Query("version") == SessionVersion;
        if (!isSession && x.Query("version") is { } version && version != "1")
            throw new EngineException(ErrorKind.InvalidArgument, $"builder version '{version}' is not known: expected 1, or 2 with a session");
        if (!isSession && x.Query("remote") is "client-session" or "upload-request")
            throw new EngineException(ErrorKind.InvalidArgument, "a context that is fetched by a client's session needs a build of version 2");
        if (!isSession && x.Query("outputs") is { } outputs)
            throw new EngineException(ErrorKind.NotSupported, $"outputs '{outputs}' are not supported by the classic build endpoint");
        if (x.Query("isolation") is { } isolation && isolation != "default")
            throw new EngineException(ErrorKind.InvalidArgument, $"isolation '{isolation}' is not supported on Linux");
        if (!x.Flag("rm", whenAbsent: true))
            throw new EngineException(ErrorKind.NotSupported, "intermediate containers are always removed: leave out --rm=false");
    }

    // Docker's client repeats the parameter; a list in JSON is what ours has sent.
    private static IReadOnlyList<string> SecurityOptions(Exchange x) =>
        x.QueryAll("securityopt") is [['[', ..]] ? List(x, "securityopt", DockerApiJson.Wire.StringList) : [.. x.QueryAll("securityopt")];

    /// <summary>A name that an image is to get.</summary>
    internal static ImageReference Tag(string text)
    {
        if (!ImageReference.TryParse(text, out var reference, out var error))
            throw new EngineException(ErrorKind.InvalidArgument, $"Error parsing reference: \"{text}\" is not a valid repository/tag: {error}");
        return reference.Digest is null ? reference : throw new EngineException(ErrorKind.InvalidArgument, "build tag cannot contain a digest");
    }

    // BuildKit's clients write "type=registry,ref=NAME" for NAME.
    private static string CacheSource(string text)
    {
        const string Registry = "type=registry,ref=";
        if (!text.StartsWith("type=", StringComparison.Ordinal))
            return text;
        return text.StartsWith(Registry, StringComparison.Ordinal) && text[Registry.Length..] is { Length: > 0 } name && !name.Contains(',', StringComparison.Ordinal) ? name
            : throw new EngineException(ErrorKind.InvalidArgument, $"invalid cache-from '{text}': expected an image, or type=registry,ref=IMAGE");
    }

    // "NAME[;push][;min][;nomounts]": an extension of ours.
    private static CacheTarget CacheTarget(string text)
    {
        var parts = text.Split(';');
        foreach (var flag in parts.Skip(1).Where(flag => flag is not ("push" or "min" or "nomounts")))
            throw new EngineException(ErrorKind.InvalidArgument, $"invalid cacheto '{text}': '{flag}' is not known");
        return new CacheTarget(WithTag(Tag(parts[0])), parts.Contains("push"), parts.Contains("min"), !parts.Contains("nomounts") && !parts.Contains("min"));
    }

    private static ImageReference WithTag(ImageReference reference) => reference.Tag is null ? Tag(reference + ":latest") : reference;

    private static string Entitlement(string text) => text is "network.host" or "security.insecure" or "device" ? text
        : throw new EngineException(ErrorKind.InvalidArgument, $"unknown entitlement '{text}': expected network.host, security.insecure or device");

    // A null in it is nothing that anybody can have meant.
    private static IReadOnlyList<T> List<T>(Exchange x, string name, JsonTypeInfo<IReadOnlyList<T>> type)
        where T : class
    {
        var list = Json(x, name, type) ?? [];
        return !list.Any(item => item is null) ? list : throw new EngineException(ErrorKind.InvalidArgument, $"error reading {name}: it has a null in it");
    }

    private static T? Json<T>(Exchange x, string name, JsonTypeInfo<T> type)
        where T : class
    {
        if (x.Query(name) is not { } text)
            return null;
        try
        {
            return JsonSerializer.Deserialize(text, type);
        }
        catch (JsonException wrong)
        {
            throw new EngineException(ErrorKind.InvalidArgument, $"error reading {name}: it is not the JSON that is expected there", wrong);
        }
    }

    private static Dictionary<string, RegistryLogin> Logins(Exchange x)
    {
        var text = x.Http.Request.Headers["X-Registry-Config"].ToString();
        if (text.Length == 0)
            return [];
        try
        {
            if (text.Length > MaxHeader)
                throw new FormatException();
            var bytes = Base64Url.DecodeFromChars(text.Replace('+', '-').Replace('/', '_').TrimEnd('='));
            var configs = JsonSerializer.Deserialize(bytes, DockerApiJson.Wire.AuthConfigMap) ?? new Dictionary<string, AuthConfig>();
            if (configs.Values.Contains(null))
                throw new FormatException();
            return configs.ToDictionary(pair => pair.Key, pair => RegistryHeaders.ToLogin(pair.Value) with { ServerAddress = pair.Value.ServerAddress is { Length: > 0 } given ? given : pair.Key }, StringComparer.Ordinal);
        }
        catch (Exception broken) when (broken is FormatException or JsonException)
        {
            // The reason would quote what may be a password.
            throw new EngineException(ErrorKind.InvalidArgument, "invalid X-Registry-Config header: expected the base64url of a JSON object");
        }
    }

    // An extension: the classic endpoint has no other way for them.
    private static Dictionary<string, byte[]> Secrets(Exchange x)
    {
        var text = x.Http.Request.Headers["X-Sampan-Secrets"].ToString();
        if (text.Length == 0)
            return [];
        try
        {
            var secrets = JsonSerializer.Deserialize(Base64Url.DecodeFromChars(text), DockerApiJson.Wire.StringMap) ?? new Dictionary<string, string>();
            return secrets.ToDictionary(pair => pair.Key, pair => Convert.FromBase64String(pair.Value), StringComparer.Ordinal);
        }
        catch (Exception broken) when (broken is FormatException or JsonException or ArgumentNullException)
        {
            // The reason would quote the secret.
            throw new EngineException(ErrorKind.InvalidArgument, "invalid X-Sampan-Secrets header: expected the base64url of a JSON object from id to base64");
        }
    }

    private static long? Positive(long? number) => number is > 0 ? number : null;
}
