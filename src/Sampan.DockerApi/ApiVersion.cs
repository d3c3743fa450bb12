using System.Globalization;

namespace Sampan.DockerApi;

/// <summary>A version of the Docker Engine API, such as 1.43. Comparable; valid by construction.</summary>
public readonly record struct ApiVersion : IComparable<ApiVersion>
{
    /// <summary>The oldest version that Sampan speaks.</summary>
    public static readonly ApiVersion Oldest = new(1, 24);

    /// <summary>The newest version that Sampan speaks.</summary>
    public static readonly ApiVersion Newest = new(1, 55);

    /// <summary>A version of its two numbers, each zero or more.</summary>
    public ApiVersion(int major, int minor)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(major);
        ArgumentOutOfRangeException.ThrowIfNegative(minor);
        Major = major;
        Minor = minor;
    }

    /// <summary>The number before the point.</summary>
    public int Major { get; }

    /// <summary>The number after the point.</summary>
    public int Minor { get; }

    /// <summary>Reads '1.43'; false when the text is anything else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ApiVersion version)
    {
        version = default;
        int point = text.IndexOf('.');
        if (point < 1
            || !int.TryParse(text[..point], NumberStyles.None, CultureInfo.InvariantCulture, out int major)
            || !int.TryParse(text[(point + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int minor))
            return false;
        version = new ApiVersion(major, minor);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(ApiVersion other) => Major != other.Major ? Major.CompareTo(other.Major) : Minor.CompareTo(other.Minor);

    /// <summary>Whether the left one is older.</summary>
    public static bool operator <(ApiVersion left, ApiVersion right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left one is newer.</summary>
    public static bool operator >(ApiVersion left, ApiVersion right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left one is older or the same.</summary>
    public static bool operator <=(ApiVersion left, ApiVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left one is newer or the same.</summary>
    public static bool operator >=(ApiVersion left, ApiVersion right) => left.CompareTo(right) >= 0;

    /// <summary>The two numbers with a point between.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}
