namespace Sampan.Compose.Loading;

/// <summary>Names of projects, as docker's tool makes them.</summary>
public static class ProjectNames
{
    /// <summary>Whether it may be a project's name.</summary>
    public static bool IsValid(string name) => name.Length > 0 && (char.IsAsciiLetterLower(name[0]) || char.IsAsciiDigit(name[0])) && name.All(IsPart);

    /// <summary>The name made of a directory's; empty: none can be made.</summary>
    public static string OfDirectory(string directory) =>
        string.Concat(Path.GetFileName(directory.TrimEnd('/')).ToLowerInvariant().Where(IsPart)).TrimStart('-', '_');

    private static bool IsPart(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_';
}
