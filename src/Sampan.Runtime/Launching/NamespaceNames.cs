using Sampan.Linux.Processes;

namespace Sampan.Runtime.Launching;

/// <summary>The specification's words for namespaces.</summary>
internal static class NamespaceNames
{
    /// <summary>All that are supported.</summary>
    internal static readonly string[] Supported = ["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"];

    internal static NamespaceTypes Parse(string name) => name switch
    {
        "mount" => NamespaceTypes.Mount,
        "pid" => NamespaceTypes.Pid,
        "network" => NamespaceTypes.Network,
        "uts" => NamespaceTypes.Uts,
        "ipc" => NamespaceTypes.Ipc,
        "cgroup" => NamespaceTypes.Cgroup,
        "user" => NamespaceTypes.User,
        "time" => NamespaceTypes.Time,
        _ => NamespaceTypes.None,
    };
}
