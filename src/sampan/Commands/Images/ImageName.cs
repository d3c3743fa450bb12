namespace Sampan.Cli.Commands.Images;

/// <summary>Image names as the command line sees them; the engine has the whole grammar.</summary>
internal static class ImageName
{
    /// <summary>Repository and tag or digest: "a/b:1" → ("a/b", "1"), "a/b" → ("a/b", null).</summary>
    /// <exception cref="CommandException">The tag is empty, or there are two.</exception>
    public static (string Repository, string? Tag) Split(string name)
    {
        int at = name.IndexOf('@');
        if (at > 0) return (name[..at], name[(at + 1)..]);
        int colon = name.LastIndexOf(':');
        int slash = name.LastIndexOf('/');
        if (colon <= slash) return (name, null);
        // Of two colons, or of none behind the last one, the engine would be asked for another image than was named.
        if (colon == name.Length - 1 || name.IndexOf(':', slash + 1) != colon) throw new CommandException("invalid reference format");
        return (name[..colon], name[(colon + 1)..]);
    }

    public static string WithTag(string name) => Split(name).Tag is null ? name + ":latest" : name;
}
