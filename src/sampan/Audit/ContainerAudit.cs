using System.Globalization;
using Sampan.DockerApi.Containers;
using Sampan.DockerApi.Engines;

namespace Sampan.Cli.Audit;

/// <summary>Section 5 of the CIS Docker Benchmark: how a container was started. Pure.</summary>
internal static class ContainerAudit
{
    private const int FirstFreePort = 1024;
    private const int MostRetries = 5;

    /// <summary>The findings.</summary>
    /// <param name="container">Which.</param>
    /// <param name="engine">What the engine says of itself.</param>
    /// <param name="paths">What of the host it should not have.</param>
    /// <param name="programs">What runs in it; null: that is not known.</param>
    public static IEnumerable<AuditFinding> Of(ContainerInspect container, SystemInfo engine, HostPaths paths, IReadOnlyList<string>? programs = null)
    {
        var subject = $"container {container.Name.TrimStart('/')}";
        var host = container.HostConfig ?? new HostConfig();
        var mounts = container.Mounts ?? [];
        var security = host.SecurityOpt ?? [];
        List<string> added = [.. host.CapAdd ?? [], .. host.Privileged ? ["all, as it is privileged"] : (IEnumerable<string>)[]];
        var binds = mounts.Where(mount => mount.Type == "bind" && paths.IsOfHost(mount.Source)).Select(mount => mount.Source).ToList();
        var sockets = mounts.Where(mount => mount.Type == "bind" && paths.HasSocket(mount.Source)).Select(mount => mount.Source).ToList();
        var ports = (container.NetworkSettings?.Ports ?? new Dictionary<string, IReadOnlyList<PortBinding>?>(StringComparer.Ordinal)).SelectMany(port => port.Value ?? []).ToList();
        var low = ports.Where(port => int.TryParse(port.HostPort, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < FirstFreePort).Select(port => port.HostPort).Distinct(StringComparer.Ordinal).ToList();
        var restart = host.RestartPolicy;
        bool Confines(string what) => !security.Any(option => option.Replace(':', '=') == what + "=unconfined");

        if (engine.Has("apparmor"))
            yield return AuditFinding.Of("5.2", subject, container.AppArmorProfile is not ("" or "unconfined"), $"is confined by {container.AppArmorProfile}", "is not confined by AppArmor", "take --security-opt apparmor=unconfined away");
        if (engine.Has("selinux"))
            yield return AuditFinding.Of("5.3", subject, container.ProcessLabel.Length > 0, $"is confined by {container.ProcessLabel}", "is not confined by SELinux", "take --security-opt label=disable away");
        yield return AuditFinding.Of("5.4", subject, added.Count == 0, "has no capabilities beyond the default", $"has further capabilities: {string.Join(", ", added)}", "drop what it does not need: --cap-drop ALL --cap-add …");
        yield return AuditFinding.Of("5.5", subject, !host.Privileged, "is not privileged", "is privileged: its root is the host's", "take --privileged away, add the capabilities and devices it needs");
        yield return AuditFinding.Of("5.6", subject, binds.Count == 0, "mounts no system directory of the host", $"mounts system directories of the host: {string.Join(", ", binds)}", "mount the files it needs, read-only, or use a volume");
        if (programs is not null)
            yield return AuditFinding.Of("5.7", subject, !programs.Contains("sshd", StringComparer.Ordinal), "runs no SSH server", "runs an SSH server", "enter it with: sampan exec -it");
        yield return AuditFinding.Of("5.8", subject, low.Count == 0, "uses no privileged port of the host", $"uses privileged ports of the host: {string.Join(", ", low)}", "publish at 1024 or above unless clients want the well-known port");
        yield return AuditFinding.Of("5.10", subject, host.NetworkMode != "host", "has a network of its own", "is in the host's network", "use a network of its own and publish ports");
        yield return AuditFinding.Of("5.11", subject, host.Memory > 0, "has a memory limit", "may take all memory", "give it --memory");
        yield return AuditFinding.Of("5.12", subject, host.CpuShares > 0 || host.NanoCpus > 0 || host.CpuQuota > 0, "has a share of the processors", "may take all processors", "give it --cpus or --cpu-shares");
        yield return AuditFinding.Of("5.13", subject, host.ReadonlyRootfs, "has a read-only root file system", "may write to its root file system", "give it --read-only, with volumes or --tmpfs for what changes");
        yield return AuditFinding.Of("5.14", subject, !ports.Any(port => port.HostIp is "" or "0.0.0.0" or "::"), "is published at chosen addresses only", "is published at all addresses of the host", "publish at one address: -p 127.0.0.1:80:80");
        yield return AuditFinding.Of("5.15", subject, restart is not { Name: "always" or "unless-stopped" } && restart is not { Name: "on-failure", MaximumRetryCount: 0 or > MostRetries }, "is not started again without end", "is started again without end", "give it --restart on-failure:5");
        yield return AuditFinding.Of("5.16", subject, host.PidMode != "host", "sees its own processes only", "sees the host's processes", "take --pid host away");
        yield return AuditFinding.Of("5.17", subject, host.IpcMode != "host", "has shared memory of its own", "shares the host's memory segments", "take --ipc host away");
        yield return AuditFinding.Of("5.18", subject, host.Devices is null or { Count: 0 }, "has no devices of the host", $"has devices of the host: {string.Join(", ", (host.Devices ?? []).Select(device => device.PathOnHost))}", "take --device away, or allow reading only: --device …:r");
        yield return AuditFinding.Of("5.20", subject, !mounts.Any(mount => mount.Propagation.Contains("shared", StringComparison.Ordinal)), "passes no mounts to the host", "passes mounts to the host", "mount without shared propagation");
        yield return AuditFinding.Of("5.21", subject, host.UTSMode != "host", "has a host name of its own", "may change the host's name", "take --uts host away");
        yield return AuditFinding.Of("5.22", subject, Confines("seccomp") && !host.Privileged, "has its system calls filtered", "has no filter of system calls", "take --security-opt seccomp=unconfined away");
        yield return AuditFinding.Of("5.25", subject, host.CgroupParent.Length == 0, "is in the engine's group of resources", $"is in a group of resources of its own choice: {host.CgroupParent}", "take --cgroup-parent away unless somebody watches that group");
        yield return AuditFinding.Of("5.26", subject, (engine.Has("no-new-privileges") && !security.Any(option => option is "no-new-privileges=false" or "no-new-privileges:false")) || security.Any(option => option is "no-new-privileges" or "no-new-privileges=true" or "no-new-privileges:true"), "cannot gain privileges", "may gain privileges by set-uid programs", "give it --security-opt no-new-privileges");
        yield return AuditFinding.Of("5.27", subject, container.State?.Health is not null, "has a health check", "has no health check", "give it --health-cmd");
        yield return AuditFinding.Of("5.29", subject, host.PidsLimit > 0, "has a limit of processes", "may start processes without end", "give it --pids-limit");
        yield return AuditFinding.Of("5.30", subject, host.NetworkMode is not ("bridge" or "default" or ""), "is not on the default bridge", "is on the default bridge, where all reach each other", "put it on a network of its own: --network");
        yield return AuditFinding.Of("5.31", subject, host.UsernsMode != "host", "has the engine's mapping of users", "has the host's users", "take --userns host away");
        yield return AuditFinding.Of("5.32", subject, sockets.Count == 0, "has no engine's socket", $"has an engine's socket, and so the host: {string.Join(", ", sockets)}", "take the mount away");
    }
}
