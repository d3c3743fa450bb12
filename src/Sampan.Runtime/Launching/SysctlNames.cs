namespace Sampan.Runtime.Launching;

/// <summary>Names of kernel parameters, as sysctl(8) takes them.</summary>
internal static class SysctlNames
{
    /// <summary>
    /// The path below <c>/proc/sys</c>. The first separator decides which of dot and slash separates and which is part of a name:
    /// <c>net.ipv4.conf.eth0/1.forwarding</c> and <c>net/ipv4/conf/eth0.1/forwarding</c> are the same.
    /// </summary>
    internal static string ToPath(string name)
    {
        var first = name.AsSpan().IndexOfAny('.', '/');
        if (first < 0 || name[first] == '/')
            return name;
        return string.Create(name.Length, name, static (path, from) =>
        {
            for (var i = 0; i < path.Length; i++)
                path[i] = from[i] switch { '.' => '/', '/' => '.', var other => other };
        });
    }

    /// <summary>Whether a parameter belongs to a namespace that the container has of its own; the others are the host's.</summary>
    internal static bool IsNamespaced(string name, bool ipc, bool network, bool uts)
    {
        var path = ToPath(name);

        // "net/../kernel/core_pattern" begins like a parameter of the network and is the host's (CVE-2022-0811 was a like trick with text).
        if (!IsPlain(path))
            return false;
        if (path.StartsWith("net/", StringComparison.Ordinal))
            return network;
        if (path.StartsWith("fs/mqueue/", StringComparison.Ordinal))
            return ipc;
        return path switch
        {
            "kernel/msgmax" or "kernel/msgmnb" or "kernel/msgmni" or "kernel/sem" or "kernel/shmall" or "kernel/shmmax" or "kernel/shmmni" or "kernel/shm_rmid_forced" => ipc,
            "kernel/domainname" => uts,
            _ => false, // kernel/hostname too: it is set by the specification's own member
        };
    }

    /// <summary>Whether every part of a path is a name: none empty, <c>.</c> or <c>..</c>, and no sign in it that no parameter has.</summary>
    private static bool IsPlain(string path)
    {
        foreach (var part in path.Split('/'))
        {
            if (part is "" or "." or "..")
                return false;
            foreach (var sign in part)
            {
                if (!char.IsAsciiLetterOrDigit(sign) && sign is not ('_' or '-' or '.' or ':' or '@'))
                    return false;
            }
        }
        return true;
    }
}
