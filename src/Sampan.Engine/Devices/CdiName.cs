namespace Sampan.Engine.Devices;

/// <summary>A device's full name, <c>vendor/class=name</c>.</summary>
internal readonly record struct CdiName(string Kind, string Device)
{
    /// <summary>Reads one: the kind is a domain and a class, and no part is empty.</summary>
    public static bool TryParse(string text, out CdiName name)
    {
        var equals = text.IndexOf('=');
        name = equals < 0 ? default : new CdiName(text[..equals], text[(equals + 1)..]);
        return equals > 0 && IsKind(name.Kind) && IsName(name.Device, ":.");
    }

    /// <summary>Whether this is <c>vendor/class</c>.</summary>
    public static bool IsKind(string text) => text.Split('/') is [var vendor, var kind] && IsName(vendor, ".") && IsName(kind, "") && char.IsAsciiLetter(vendor[0]) && char.IsAsciiLetter(kind[0]);

    /// <summary>Whether this can be a device's name.</summary>
    public static bool IsDevice(string text) => IsName(text, ":.");

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}={Device}";

    private static bool IsName(string text, string more) =>
        text.Length > 0 && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' || more.Contains(c));
}
