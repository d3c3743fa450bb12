using System.Text.RegularExpressions;

namespace Sampan.Build.Execution;

/// <summary>
/// Where a repository is, and what of it is meant: <c>https://host/path.git#branch:directory</c>, <c>git@host:path</c>, <c>ssh://</c>, <c>git://</c>,
/// <c>github.com/user/repository</c>. Nothing in it can become an option of a program (CVE-2019-13139), a transport of another kind, or a way out of the
/// repository (GHSA-hw3h-2gp9-cxpv).
/// </summary>
/// <param name="Url">For git.</param>
/// <param name="Reference">A branch, a tag or a commit; null: what the repository calls its head.</param>
/// <param name="Directory">Below the repository's top; null: all of it.</param>
internal sealed partial record GitAddress(string Url, string? Reference, string? Directory)
{
    /// <summary>Whether a text means a repository at all, well formed or not.</summary>
    internal static bool IsOne(string text) => Kind().IsMatch(text);

    /// <summary>It is reached by ssh: with keys.</summary>
    internal bool IsSsh => Url.StartsWith("git@", StringComparison.Ordinal) || Url.StartsWith("ssh://", StringComparison.Ordinal);

    /// <summary>Reads it.</summary>
    /// <exception cref="BuildException">It is none, or has what is not allowed in one.</exception>
    internal static GitAddress Parse(string text)
    {
        var hash = text.IndexOf('#');
        var (url, fragment) = hash < 0 ? (text, "") : (text[..hash], text[(hash + 1)..]);
        if (url.StartsWith("github.com/", StringComparison.Ordinal))
            url = "https://" + url;
        if (!IsOne(text) || !Address().IsMatch(url))
            throw Refused(text, "expected https://HOST/PATH.git, ssh://HOST/PATH, git://HOST/PATH or git@HOST:PATH, with plain characters");
        var colon = fragment.IndexOf(':');
        var (reference, directory) = colon < 0 ? (fragment, "") : (fragment[..colon], fragment[(colon + 1)..]);
        if (reference.Length > 0 && (!ReferenceName().IsMatch(reference) || reference.Contains("..", StringComparison.Ordinal)))
            throw Refused(text, $"'{reference}' is no name of a branch, tag or commit");
        if (directory.Split('/').Contains("..") || directory.Any(char.IsControl))
            throw Refused(text, $"directory '{directory}' leads out of the repository");
        return new GitAddress(url, reference.Length == 0 ? null : reference, directory.Trim('/') is { Length: > 0 } below ? below : null);
    }

    private static BuildException Refused(string text, string why)
    {
        var shown = Uri.TryCreate(text, UriKind.Absolute, out var address) ? RemoteContext.Shown(address) : text;
        return BuildException.Invalid($"invalid git repository '{shown}': {why}");
    }

    [GeneratedRegex(@"^(git://|git@|ssh://|github\.com/|https?://[^#?]*\.git(#.*)?$)", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Kind();

    // A host or user that begins with a dash would be an option of ssh (CVE-2017-1000117); "::" is a helper of git's that may run anything.
    [GeneratedRegex(@"^((https?|git|ssh)://([A-Za-z0-9_][^@/\s\p{C}]*@)?[A-Za-z0-9\[][A-Za-z0-9.:\[\]-]*(/(?!-)[^\s\p{C}#?\\]*)?|git@[A-Za-z0-9][A-Za-z0-9.-]*:(?!-|:)[^\s\p{C}#?:\\]+)\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Address();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._/+@-]*\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ReferenceName();
}
