using System.Globalization;
using System.Text.Json;
using Sampan.Build;
using Sampan.Engine;
using Sampan.Engine.Containers.Wishes;
using Sampan.Oci.Images;

namespace Sampan.Server.BuildKit;

/// <summary>Makes a build of the attributes that a client gives to the frontend <c>dockerfile.v0</c>. What this builder cannot do is refused by name. Pure.</summary>
internal static class FrontendAttributes
{
    private const string Argument = "build-arg:";
    private const string Label = "label:";
    private const string NamedContext = "context:";
    private const string Input = "input:";
    private const string Attestation = "attest:";

    /// <summary>Reads the attributes.</summary>
    /// <param name="attributes">By name.</param>
    /// <param name="inputs">Images that earlier builds gave, by the names that contexts have for them.</param>
    /// <param name="defaults">Limits that RUN steps have besides.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: one is malformed. <see cref="ErrorKind.NotSupported"/>: it asks for what is not there.</exception>
    internal static BuildRequest ToRequest(IReadOnlyDictionary<string, string> attributes, IReadOnlyDictionary<string, string> inputs, IReadOnlyList<UlimitSpec> defaults)
    {
        var arguments = new Dictionary<string, string?>(StringComparer.Ordinal);
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var contexts = new Dictionary<string, string>(StringComparer.Ordinal);
        IReadOnlyList<UlimitSpec> ulimits = [];
        var request = new BuildRequest();
        foreach (var (name, value) in attributes)
        {
            if (name.StartsWith(Argument, StringComparison.Ordinal))
                arguments[name[Argument.Length..]] = value;
            else if (name.StartsWith(Label, StringComparison.Ordinal))
                labels[name[Label.Length..]] = value;
            else if (name.StartsWith(NamedContext, StringComparison.Ordinal))
                contexts[name[NamedContext.Length..]] = Context(name, value, inputs);
            else if (name.StartsWith(Attestation, StringComparison.Ordinal))
                RefuseAttestation(name, value);
            else if (name == "ulimit")
                ulimits = [.. Words(value).Select(Ulimit)];
            else
                request = With(request, name, value);
        }
        return request with
        {
            Arguments = arguments,
            Labels = labels,
            Contexts = contexts,
            HasInlineCache = arguments.GetValueOrDefault("BUILDKIT_INLINE_CACHE") is "1" or "true",
            CacheSources = CacheSources(attributes),
            Resources = request.Resources with { Ulimits = [.. ulimits, .. defaults.Where(usual => !ulimits.Any(limit => limit.Name == usual.Name))] },
            WatchesSteps = true,
        };
    }

    private static BuildRequest With(BuildRequest request, string name, string value) => name switch
    {
        "filename" => request with { Dockerfile = value },
        "dockerfilekey" => request with { HasOwnDockerfile = true },
        "target" => request with { Target = value.Length == 0 ? null : value },
        "context" => request with { Remote = value.Length == 0 ? null : value },
        "no-cache" => value.Length == 0 ? request with { NoCache = true } : request with { NoCacheStages = Words(value) },
        "image-resolve-mode" => request with { Pull = value switch { "pull" => true, "default" or "local" or "" => false, _ => throw Invalid(name, value, "default, pull or local") } },
        "platform" => request with { Platform = PlatformOf(value) },
        "force-network-mode" => request with { Network = value switch { "host" or "none" => value, "sandbox" or "default" or "" => null, _ => throw Invalid(name, value, "host, none or sandbox") } },
        "add-hosts" => request with { ExtraHosts = [.. Words(value).Select(ExtraHost)] },
        "shm-size" => request with { ShmSize = Number(name, value) is > 0 and var bytes ? bytes : null },
        "cgroup-parent" => request with { Resources = request.Resources with { CgroupParent = value.Length == 0 ? null : value } },
        "multi-platform" => value is "" or "false" or "0" ? request : throw Unsupported("images for several platforms by one build: build each with --platform, and join them with 'docker buildx imagetools create'"),
        "hostname" => throw Unsupported("a host name for RUN steps ('hostname')"),
        "source" or "cmdline" => throw Unsupported($"frontends in images ('{name}'): the Dockerfile's own language is built in, '# syntax' is accepted"),
        "contextsubdir" => throw Unsupported("'contextsubdir': give the directory in the context's address, behind a colon"),
        // What the client looked up for others: the context's repository, which caches there are (read elsewhere), how it names its directories, what frontends must know.
        "frontend.caps" or "cache-from" or "cache-imports" or "contextkey" or "requestid" or "build-metadata" => request,
        _ when name.StartsWith("vcs:", StringComparison.Ordinal) || name.StartsWith("input-metadata:", StringComparison.Ordinal) => request,
        _ => throw Unsupported($"the attribute '{name}' of a build"),
    };

    private static string Context(string name, string value, IReadOnlyDictionary<string, string> inputs)
    {
        if (value.StartsWith(Input, StringComparison.Ordinal))
            return inputs.TryGetValue(value[Input.Length..], out var image) ? "docker-image://" + image : throw new EngineException(ErrorKind.InvalidArgument, $"the client gave nothing for context '{name}={value}'");
        if (value.StartsWith("oci-layout:", StringComparison.Ordinal))
            throw Unsupported($"a context in an OCI layout ('{name}={value}'): load it, and give docker-image://NAME");
        if (value.StartsWith("local:", StringComparison.Ordinal) || value.StartsWith("docker-image://", StringComparison.Ordinal))
            return value;
        return value.StartsWith("git", StringComparison.Ordinal) || value.StartsWith("http", StringComparison.Ordinal) || value.StartsWith("ssh", StringComparison.Ordinal) ? value
            : throw new EngineException(ErrorKind.InvalidArgument, $"invalid context '{name}={value}'");
    }

    // What asks for none is not asked for.
    private static void RefuseAttestation(string name, string value)
    {
        if (value is not ("false" or "disabled=true"))
            throw Unsupported($"attestations ('{name}={value}')");
    }

    private static IReadOnlyList<string> CacheSources(IReadOnlyDictionary<string, string> attributes)
    {
        if (attributes.GetValueOrDefault("cache-imports") is not { Length: > 0 } list)
            return Words(attributes.GetValueOrDefault("cache-from") ?? "");
        try
        {
            using var json = JsonDocument.Parse(list);
            return [.. json.RootElement.EnumerateArray().Select(entry => CacheEntries.Source(
                entry.GetProperty("Type").GetString() ?? "",
                entry.TryGetProperty("Attrs", out var given) && given.ValueKind == JsonValueKind.Object ? given.EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetString() ?? "", StringComparer.Ordinal) : []))];
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw new EngineException(ErrorKind.InvalidArgument, "invalid 'cache-imports': expected a list of caches in JSON", broken);
        }
    }

    private static Platform PlatformOf(string value)
    {
        if (value.Contains(',', StringComparison.Ordinal))
            throw Unsupported($"images for several platforms by one build ('{value}'): build each with --platform, and join them with 'docker buildx imagetools create'");
        return Platform.TryParse(value, out var platform) ? platform.Normalize() : throw Invalid("platform", value, "os[/architecture[/variant]]");
    }

    // "name=address".
    private static string ExtraHost(string text) => text.Split('=', 2) is [{ Length: > 0 } name, { Length: > 0 } address] ? $"{name}:{address}" : throw Invalid("add-hosts", text, "name=address");

    // "name=soft:hard" or "name=both"; -1 is no limit.
    private static UlimitSpec Ulimit(string text)
    {
        if (text.Split('=', 2) is not [{ Length: > 0 } name, { } limits])
            throw Invalid("ulimit", text, "name=soft[:hard]");
        var parts = limits.Split(':', 2);
        var soft = Number("ulimit", parts[0]);
        return new UlimitSpec(name, soft, parts.Length == 2 ? Number("ulimit", parts[1]) : soft);
    }

    private static long Number(string name, string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw Invalid(name, text, "a number");

    private static string[] Words(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static EngineException Invalid(string name, string value, string expected) => new(ErrorKind.InvalidArgument, $"invalid {name} '{value}': expected {expected}");

    private static EngineException Unsupported(string what) => new(ErrorKind.NotSupported, $"{what} is not supported by this builder");
}
