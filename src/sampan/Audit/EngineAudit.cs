using Sampan.DockerApi.Engines;
using Sampan.DockerApi.Networks;

namespace Sampan.Cli.Audit;

/// <summary>Section 2 of the CIS Docker Benchmark, as far as the API tells: how the engine is set up. Pure.</summary>
internal static class EngineAudit
{
    private const string Subject = "engine";

    public static IEnumerable<AuditFinding> Of(SystemInfo info, NetworkInspect? bridge, string endpoint)
    {
        var open = (info.Warnings ?? []).Any(warning => warning.Contains("API is accessible on http", StringComparison.OrdinalIgnoreCase));
        var insecure = (info.RegistryConfig?.IndexConfigs ?? new Dictionary<string, RegistryIndex>(StringComparer.Ordinal)).Where(index => !index.Value.Secure).Select(index => index.Key)
            .Concat((info.RegistryConfig?.InsecureRegistryCIDRs ?? []).Where(range => range is not ("127.0.0.0/8" or "::1/128"))).ToList();
        yield return AuditFinding.Of("2.1", Subject, info.Has("rootless"), "runs without root", "runs as root", "where containers need no root on the host, run the engine as another user");
        yield return AuditFinding.Of("2.2", Subject, bridge?.Options?.GetValueOrDefault("com.docker.network.bridge.enable_icc") == "false", "containers on the default bridge cannot reach each other", "containers on the default bridge reach each other", "set \"icc\" to false, and put containers that need each other on networks of their own: sampan network create");
        yield return AuditFinding.Of("2.3", Subject, !info.Debug, "logs at level info", "logs at level debug", "take --debug or \"log-level\" out of the daemon's configuration");
        // Older engines do not say which firewall they use.
        if (info.FirewallBackend is { Driver: var firewall })
            yield return AuditFinding.Of("2.4", Subject, firewall.Length > 0, $"keeps the rules of its networks with {firewall}", "keeps no rules for its networks: they are open to all", "take \"iptables\": false out of the daemon's configuration");
        yield return AuditFinding.Of("2.6", Subject, info.Driver != "aufs", $"stores with {info.Driver}", "stores with aufs, which no kernel maintains", "use overlay2");
        yield return AuditFinding.Of("2.5", Subject, insecure.Count == 0, "no registry is used without TLS", $"registries are used without TLS: {string.Join(", ", insecure)}", "give them certificates and take them out of \"insecure-registries\"");
        yield return AuditFinding.Of("2.7", Subject, endpoint.StartsWith("unix:", StringComparison.Ordinal) && !open, $"listens on {endpoint}", $"is reached {(open ? "by TCP" : $"at {endpoint}")} without TLS: who reaches it is root", "listen on the socket only, or with TLS and client certificates");
        yield return AuditFinding.Of("2.9", Subject, info.Has("userns") || info.Has("rootless"), "root of containers is nobody on the host", "root of containers is root on the host", "map users, or run containers with --user");
        yield return AuditFinding.Of("2.12", Subject, info.Plugins?.Authorization is { Count: > 0 }, "requests are authorized by plugins", "whoever reaches the API may do all", "configure an authorization plugin if several people use the API");
        yield return AuditFinding.Of("2.13", Subject, info.LoggingDriver is not ("json-file" or "local" or "none" or ""), $"logs go to {info.LoggingDriver}", $"logs stay on this machine ({info.LoggingDriver})", "set \"log-driver\" to syslog, fluentd or gelf");
        yield return AuditFinding.Of("2.14", Subject, info.Has("no-new-privileges"), "containers cannot gain privileges", "containers may gain privileges by set-uid programs", "set \"no-new-privileges\", or run them with --security-opt no-new-privileges");
        yield return AuditFinding.Of("2.15", Subject, info.LiveRestoreEnabled, "containers run on without the daemon", "containers end with the daemon", "set \"live-restore\"");
        // Of dockerd nobody is told.
        if (info.Runtimes?.ContainsKey("sampan-runtime") == true)
            yield return AuditFinding.Of("2.16", Subject, true, "ports are led by the kernel alone, no proxy stands between", "", "");
        yield return AuditFinding.Of("2.17", Subject, info.Has("seccomp") && info.SecurityOptions?.Any(option => option.Contains("profile=unconfined", StringComparison.Ordinal)) != true, "system calls are filtered", "system calls are not filtered", "use a kernel with seccomp, and the default profile");
        yield return AuditFinding.Of("2.18", Subject, !info.ExperimentalBuild, "experimental features are off", "experimental features are on", "turn \"experimental\" off");
        yield return AuditFinding.Of("4.5", Subject, Environment.GetEnvironmentVariable("DOCKER_CONTENT_TRUST") == "1", "names of images are trusted by their signatures only", "names of images are trusted without a signature", "name images by digest (NAME@sha256:…), and look for signatures with: sampan referrers NAME");
        yield return AuditFinding.Of("5.1", Subject, info.Swarm?.LocalNodeState is not ("active" or "pending"), "is in no swarm", "is in a swarm, which listens on the network", "leave it where it is not needed: docker swarm leave");
    }

    /// <summary>Whether an engine's security options name something, such as <c>apparmor</c>.</summary>
    internal static bool Has(this SystemInfo info, string name) => info.SecurityOptions?.Any(option => option.Split(',').Contains("name=" + name)) == true;
}
