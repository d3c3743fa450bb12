namespace Sampan.Cli.Commands.Images;

/// <summary>Image names as the command line sees them; the engine has the whole grammar.</summary>
internal static class ImageName
{
    /// <summary>Repository and tag or digest: "a/b:1" → ("a/b", "1"), "a/b" → ("a/b", null).</summary>
    public static (string Repository, string? Tag) Split(string name)
    {
        int at = name.IndexOf('@');
        if (at > 0) return (name[..at], name[(at + 1)..]);
        int colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/') ? (name[..colon], name[(colon + 1)..]) : (name, null);
    }

    public static string WithTag(string name) => Split(name).Tag is null ? name + ":latest" : name;
}
