using System.Diagnostics.CodeAnalysis;

namespace Sampan.Storage.Archives;

/// <summary>
/// The path of a layer's entry made plain: no leading slash, no <c>.</c>, no <c>..</c>, no empty names. This is arithmetic on text only;
/// that links cannot lead elsewhere is the business of whoever opens it beneath the layer's root.
/// </summary>
internal readonly record struct LayerPath(string Parent, string Name)
{
    /// <summary>The layer's root directory.</summary>
    internal static readonly LayerPath Root = new("", "");

    internal bool IsRoot => Name.Length == 0;

    internal string Full => Parent.Length == 0 ? Name : Parent + "/" + Name;

    /// <summary>False if the path leads above the root or holds a zero byte.</summary>
    internal static bool TryParse(string raw, out LayerPath path)
    {
        path = Root;
        if (raw.Contains('\0'))
            return false;
        if (IsPlain(raw))
        {
            path = Cut(raw);
            return true;
        }
        var names = new List<string>();
        foreach (var name in raw.Split('/'))
        {
            switch (name)
            {
                case "" or ".":
                    break;
                case ".." when names.Count == 0:
                    return false;
                case "..":
                    names.RemoveAt(names.Count - 1);
                    break;
                default:
                    names.Add(name);
                    break;
            }
        }
        path = Cut(string.Join('/', names));
        return true;
    }

    /// <summary>The path, or an error that names it.</summary>
    /// <exception cref="StorageException">InvalidInput.</exception>
    internal static LayerPath Parse(string raw, string what) => TryParse(raw, out var path)
        ? path
        : throw new StorageException(StorageError.InvalidInput, $"{what} '{RawName.Show(raw)}' in the archive leads out of the layer: refused");

    internal static LayerPath Cut(string clean)
    {
        var slash = clean.LastIndexOf('/');
        return slash < 0 ? new("", clean) : new(clean[..slash], clean[(slash + 1)..]);
    }

    // Nearly every path of a real layer needs no work but for a closing slash.
    private static bool IsPlain([NotNullWhen(true)] string raw) =>
        raw.Length > 0 && raw[0] is not ('/' or '.') && raw[^1] != '/' && !raw.Contains("//", StringComparison.Ordinal) && !raw.Contains("/.", StringComparison.Ordinal);
}
