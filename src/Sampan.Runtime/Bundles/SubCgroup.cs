using Sampan.Linux;
using Sampan.Linux.Cgroups;

namespace Sampan.Runtime.Bundles;

/// <summary>Reads <c>exec --cgroup</c>: groups below the container's own, <c>PATH</c> for all controllers or <c>CONTROLLER[,CONTROLLER]:PATH</c>.</summary>
internal static class SubCgroup
{
    /// <summary>Opens the way into the groups that the options name; what is not named stays the container's own.</summary>
    /// <exception cref="RuntimeException">A path leaves the container's group, a controller is not there, or the form is wrong.</exception>
    /// <exception cref="LinuxException">There is no such group.</exception>
    internal static CgroupJoin PrepareJoin(CgroupHost host, string own, IReadOnlyList<string> asked)
    {
        var (path, others) = Read(own, asked);
        return host.Open(path).PrepareJoin(others);
    }

    /// <summary>The group for all controllers, and those that some have for themselves.</summary>
    /// <exception cref="RuntimeException">A path leaves the container's group, or the form is wrong.</exception>
    internal static (string Path, IReadOnlyDictionary<string, string> Others) Read(string own, IReadOnlyList<string> asked)
    {
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        if (asked is [var one] && !one.Contains(':'))
            return (Below(own, one, one), paths);
        foreach (var text in asked)
            Add(paths, own, text);
        return (own, paths);
    }

    private static void Add(Dictionary<string, string> paths, string own, string text)
    {
        if (text.Split(':') is not [var controllers, var path])
            throw Wrong(text, "it has the form PATH, alone, or CONTROLLER[,CONTROLLER]:PATH");
        foreach (var controller in controllers.Split(','))
        {
            if (controller.Length == 0)
                throw Wrong(text, "a controller has no name");
            if (!paths.TryAdd(controller, Below(own, path, text)))
                throw Wrong(text, $"the controller '{controller}' is named twice");
        }
    }

    private static string Below(string own, string path, string text)
    {
        path = path.Trim('/');
        if (path.Split('/').Contains(".."))
            throw Wrong(text, "it is not below the container's own cgroup");
        return path is "" or "." ? own : $"{own.TrimEnd('/')}/{path}";
    }

    private static RuntimeException Wrong(string text, string why) => new("cgroup", $"cannot join '{text}': {why}");
}
