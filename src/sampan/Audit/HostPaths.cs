namespace Sampan.Cli.Audit;

/// <summary>Paths of the host that no container should have: directories of the system, the engine's own, sockets of engines. Pure.</summary>
/// <param name="Socket">The socket of the engine that is looked at; null: it is on another machine.</param>
/// <param name="DataRoot">What that engine keeps.</param>
internal sealed record HostPaths(string? Socket, string DataRoot)
{
    private static readonly string[] s_system = ["/", "/boot", "/dev", "/etc", "/lib", "/proc", "/sys", "/usr"];
    private static readonly string[] s_sockets = ["docker.sock", "sampan.sock", "containerd.sock", "podman.sock"];
    private static readonly string[] s_places = ["/run/docker.sock", "/run/sampan/sampan.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock"];

    /// <summary>True for a directory of the host's system, or one that is the engine's or has it.</summary>
    public bool IsOfHost(string source) => s_system.Contains(Plain(source), StringComparer.Ordinal) || (DataRoot.Length > 0 && Holds(source, DataRoot));

    /// <summary>True for a socket of an engine, and for a directory in which one is, or will be when that engine starts.</summary>
    public bool HasSocket(string source) =>
        s_sockets.Contains(Path.GetFileName(source), StringComparer.Ordinal) || s_places.Any(place => Holds(source, place)) || (Socket is { } own && Holds(source, own));

    private static bool Holds(string source, string path) => Plain(source) is var above && Plain(path) is var below && (above == "/" || below == above || below.StartsWith(above + "/", StringComparison.Ordinal));

    // /var/run is a link to /run wherever there is systemd.
    private static string Plain(string path)
    {
        var plain = path.Length > 1 ? path.TrimEnd('/') : path;
        return plain == "/var/run" || plain.StartsWith("/var/run/", StringComparison.Ordinal) ? plain["/var".Length..] : plain;
    }
}
