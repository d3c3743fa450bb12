using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Schema;
using Sampan.DockerApi.Images;

namespace Sampan.Compose.Running;

/// <summary>From the key <c>build</c> of a service to a build. Pure; what the engine's builder can't do is refused by name, all of it at once.</summary>
internal static class BuildRequests
{
    private const string Service = "service:";
    private const string Insecure = "security.insecure";

    /// <summary>The services whose images a service's image is built from.</summary>
    public static IEnumerable<string> Needs(Service service) =>
        (service.Tree.Map("build")?.Pairs("additional_contexts") ?? new Dictionary<string, string>()).Values.Where(v => v.StartsWith(Service, StringComparison.Ordinal)).Select(v => v[Service.Length..]);

    /// <summary>What a service's image is built from, and how.</summary>
    public static (ImageSource Source, BuildOptions Options) Create(Project project, Service service, BuildChanges changes)
    {
        var build = service.Tree.Map("build") ?? throw new ComposeException($"the service '{service.Name}' has no build");
        Refuse(service, build);
        string context = build.Text("context") ?? project.Directory;
        bool isRemote = BuildSchema.IsRemote(context);
        var source = new ImageSource
        {
            Context = context,
            IsRemote = isRemote,
            Dockerfile = build.Text("dockerfile_inline") is not null ? null : build.Text("dockerfile") ?? "Dockerfile",
            Text = build.Text("dockerfile_inline"),
            Secrets = Secrets(project, service, build),
            Contexts = Contexts(project, service, build),
            Ssh = [.. (build.Map("ssh")?.Members ?? []).Select(m => m.Value is Scalar { Text.Length: > 0 } path ? $"{m.Key}={path.Text}" : m.Key), .. changes.Ssh],
            CacheFrom = build.Texts("cache_from"),
            CacheTo = build.Texts("cache_to"),
        };
        var options = new BuildOptions
        {
            Remote = isRemote ? context : null,
            Tags = [service.Image, .. build.Texts("tags").Where(t => t != service.Image)],
            Arguments = Arguments(project, build, changes),
            Labels = Labelled(project, service, build),
            Target = build.Text("target"),
            NoCache = changes.NoCache || build.Flag("no_cache") == true,
            Pull = changes.Pull || build.Flag("pull") == true,
            Network = build.Text("network"),
            ExtraHosts = [.. build.Texts("extra_hosts").Select(ContainerRequests.HostLine)],
            Memory = changes.Memory,
            ShmSize = build.Long("shm_size"),
            Ulimits = [.. (build.Map("ulimits")?.Members ?? []).Select(ContainerRequests.Limit)],
            Platform = build.Texts("platforms") is [var platform] ? platform : service.Tree.Text("platform"),
            Allow = [.. build.Texts("entitlements").Concat(build.Flag("privileged") == true ? [Insecure] : []).Distinct(StringComparer.Ordinal)],
            Check = changes.Check,
        };
        return (source, options);
    }

    private static void Refuse(Service service, Mapping build)
    {
        var problems = new Problems();
        var path = DocumentPath.Root["services"][service.Name]["build"];
        void No(string key, string reason)
        {
            var member = build.Find(key);
            problems.Add(member?.At ?? build.At, path[key], $"'{key}' is not supported: {reason}");
        }

        foreach (var member in build.Map("additional_contexts")?.Members ?? [])
            if (member.Value is Scalar { Text: { } other } && other.StartsWith("oci-layout://", StringComparison.Ordinal)) No("additional_contexts", "OCI layouts are no contexts: load the image, and give docker-image://NAME");
        if (build.Texts("entitlements").FirstOrDefault(e => e is not ("network.host" or Insecure)) is { } unknown) No("entitlements", $"there is none called '{unknown}': expected network.host or {Insecure}");
        if (build.Maps("secrets").Any(s => s["uid"] is not null || s["gid"] is not null || s["mode"] is not null)) No("secrets", "owner and permissions of a build's secret are the Dockerfile's to say: RUN --mount=type=secret,uid=…,gid=…,mode=…");
        if (build.Text("isolation") is not (null or "" or "default")) No("isolation", "it is for Windows");
        foreach (string key in new[] { "provenance", "sbom" })
            if (build.Text(key) is not (null or "false" or "")) No(key, "the builder makes no attestations");
        var platforms = build.Texts("platforms");
        if (platforms.Count > 1) No("platforms", "a build makes an image for one platform: name one");
        if (service.Tree.Text("platform") is { } own && platforms.Count > 0 && !platforms.Contains(own, StringComparer.Ordinal)) No("platforms", $"the service's own platform '{own}' is not among them");
        problems.ThrowIfAny();
    }

    private static Dictionary<string, string> Arguments(Project project, Mapping build, BuildChanges changes)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in build.Map("args")?.Members ?? []) Add(member.Key, member.Value is Scalar { Kind: not ScalarKind.Null } value ? value.Text : null);
        foreach (var (name, value) in changes.Arguments) Add(name, value);
        return result;

        void Add(string name, string? value)
        {
            if ((value ?? project.Environment.GetValueOrDefault(name)) is { } known) result[name] = known;
        }
    }

    // As docker's tool marks what it builds.
    private static Dictionary<string, string> Labelled(Project project, Service service, Mapping build) => new(build.Pairs("labels"), StringComparer.Ordinal)
    {
        [Labels.Project] = project.Name,
        [Labels.Service] = service.Name,
        [Labels.Version] = RequestContext.ToolVersion,
    };

    // What a service is built of another's image is that image, which was made before.
    private static Dictionary<string, string> Contexts(Project project, Service service, Mapping build)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in build.Pairs("additional_contexts"))
        {
            string other = value.StartsWith(Service, StringComparison.Ordinal) ? value[Service.Length..] : "";
            result[name] = other.Length == 0 ? value : "docker-image://" + (project.Services.GetValueOrDefault(other) ?? project.Disabled.GetValueOrDefault(other)
                ?? throw new ComposeException($"the service '{service.Name}' is built of '{other}', which is not there")).Image;
        }
        return result;
    }

    private static Dictionary<string, ImageSecret> Secrets(Project project, Service service, Mapping build)
    {
        var result = new Dictionary<string, ImageSecret>(StringComparer.Ordinal);
        foreach (var grant in build.Maps("secrets"))
        {
            string name = grant.Text("source") ?? "";
            var secret = project.Secrets[name];
            string? text = secret.Text("content") ?? (secret.Text("environment") is { } variable ? project.Environment.GetValueOrDefault(variable) : null);
            if (secret.Text("file") is null && text is null)
                throw new ComposeException([new Problem(grant.At, $"services.{service.Name}.build.secrets", $"cannot give the secret '{name}': {(secret.Text("environment") is { } unset ? $"the environment variable '{unset}' is not set" : "it is external, and the engine keeps none")}")]);
            result[grant.Text("target") ?? name] = new ImageSecret(secret.Text("file"), text);
        }
        return result;
    }
}
