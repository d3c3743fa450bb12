namespace Sampan.Runtime.Bundles;

/// <summary>Reads <c>exec --cgroup</c>: a group below the container's own.</summary>
internal static class SubCgroup
{
    /// <summary>The group that the process joins.</summary>
    /// <param name="own">The container's group.</param>
    /// <param name="asked">What the options say: nothing, or one path, the same for all controllers.</param>
    /// <exception cref="RuntimeException">The path leaves the container's group, or the form is not supported.</exception>
    internal static string PathOf(string own, IReadOnlyList<string> asked)
    {
        if (asked.Count == 0)
            return own;
        if (asked.Count > 1 || asked[0].Contains(':'))
            throw new RuntimeException("cgroup", $"cannot join '{string.Join("', '", asked)}': --cgroup takes one path for all controllers, 'CONTROLLER:PATH' is not supported");
        var path = asked[0].Trim('/');
        if (path.Split('/').Contains(".."))
            throw new RuntimeException("cgroup", $"cannot join '{asked[0]}': it is not below the container's own cgroup");
        return path is "" or "." ? own : $"{own.TrimEnd('/')}/{path}";
    }
}
