namespace Sampan.Conformance.Harness;

/// <summary>The control groups of the containers, read as the host sees them, whichever version they have.</summary>
internal static class Groups
{
    private const string Parent = "/sampan-conformance";

    /// <summary>True where the unified hierarchy is the only one.</summary>
    internal static bool IsUnified => File.Exists("/sys/fs/cgroup/cgroup.controllers");

    internal static string PathOf(string id) => $"{Parent}/{id}";

    /// <summary>A file of a container's group.</summary>
    /// <param name="id">Of the container.</param>
    /// <param name="controller">The v1 controller.</param>
    /// <param name="file">Its file on v1.</param>
    /// <param name="unified">The file on v2.</param>
    internal static string Read(string id, string controller, string file, string unified) =>
        File.ReadAllText(IsUnified ? $"/sys/fs/cgroup{PathOf(id)}/{unified}" : $"/sys/fs/cgroup/{controller}{PathOf(id)}/{file}").Trim();

    internal static bool Exist(string id) => Roots().Any(root => Directory.Exists(root + PathOf(id)));

    /// <summary>Takes away what a runtime left of a container's groups. Not the parent: another test's container may be about to be made in it.</summary>
    internal static void Remove(string id)
    {
        foreach (var root in Roots())
            TryRemove(root + PathOf(id));
    }

    /// <summary>Removes the parent of all containers' groups, and what <see cref="RuntimeUnderTest.Command"/> made for crun.</summary>
    internal static void RemoveParents()
    {
        const string leaf = "/sys/fs/cgroup/unified/sampan-conformance-empty/leaf";
        foreach (var path in (string[])[.. Roots().Select(root => root + Parent), leaf + Parent, leaf, Path.GetDirectoryName(leaf)!])
            TryRemove(path);
    }

    private static IEnumerable<string> Roots() => Directory.GetDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup");

    private static void TryRemove(string path)
    {
        try
        {
            if (Directory.Exists(path))
                Directory.Delete(path);
        }
        catch (IOException)
        {
            // A container of somebody else is below it, or a test has told that one of ours is left.
        }
    }
}
