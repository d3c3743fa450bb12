using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace Sampan.Oci.Images;

/// <summary>The machine that an image is for, in Go's words: <c>linux/amd64</c>, <c>linux/arm/v7</c>.</summary>
public sealed record Platform
{
    /// <summary>The processor, for example <c>amd64</c>.</summary>
    [JsonPropertyName("architecture")]
    public string Architecture { get; init => field = value ?? ""; } = "";

    /// <summary>The operating system, for example <c>linux</c>.</summary>
    [JsonPropertyName("os")]
    public string Os { get; init => field = value ?? ""; } = "";

    /// <summary>The version of the operating system, or null.</summary>
    [JsonPropertyName("os.version")]
    public string? OsVersion { get; init; }

    /// <summary>Features that the operating system must have; Windows only.</summary>
    [JsonPropertyName("os.features")]
    public IReadOnlyList<string>? OsFeatures { get; init; }

    /// <summary>The variant of the processor, for example <c>v8</c>, or null.</summary>
    [JsonPropertyName("variant")]
    public string? Variant { get; init; }

    /// <summary>The platform that this process runs on.</summary>
    public static Platform Current { get; } = new()
    {
        Os = "linux",
        Architecture = RuntimeInformation.OSArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.X64 => "amd64",
            System.Runtime.InteropServices.Architecture.X86 => "386",
            System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
            System.Runtime.InteropServices.Architecture.Arm => "arm",
            System.Runtime.InteropServices.Architecture.LoongArch64 => "loong64",
            System.Runtime.InteropServices.Architecture.RiscV64 => "riscv64",
            System.Runtime.InteropServices.Architecture.S390x => "s390x",
            System.Runtime.InteropServices.Architecture.Ppc64le => "ppc64le",
            var other => other.ToString().ToLowerInvariant(),
        },
    };

    /// <summary>Reads <c>os</c>, <c>os/arch</c> or <c>os/arch/variant</c> with the usual other spellings (<c>x86_64</c>, <c>aarch64</c>, <c>armhf</c>).</summary>
    /// <returns>False if the text has another shape.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Platform? platform)
    {
        platform = null;
        var parts = (text ?? "").Split('/');
        if (parts.Length > 3 || parts.Any(part => part.Length == 0 || part.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.'))))
            return false;
        platform = parts.Length switch
        {
            1 when IsOs(parts[0]) => Current with { Os = parts[0].ToLowerInvariant() },
            1 => new Platform { Os = Current.Os, Architecture = parts[0] }.Normalize(),
            _ => new Platform { Os = parts[0].ToLowerInvariant(), Architecture = parts[1], Variant = parts.ElementAtOrDefault(2) }.Normalize(),
        };
        return true;
    }

    /// <summary>One spelling for each processor: <c>x86_64</c> is <c>amd64</c>, <c>arm64/v8</c> is <c>arm64</c>, <c>arm</c> is <c>arm/v7</c>.</summary>
    public Platform Normalize()
    {
        var variant = Variant is { Length: > 0 } ? Variant.ToLowerInvariant() : null;
        var (architecture, normal) = (Architecture.ToLowerInvariant(), variant) switch
        {
            ("x86_64" or "x86-64" or "amd64", "v1" or null) => ("amd64", null),
            ("x86_64" or "x86-64" or "amd64", _) => ("amd64", variant),
            ("i386" or "i686" or "386", _) => ("386", null),
            ("aarch64" or "arm64", "8" or "v8" or "v8.0" or null) => ("arm64", null),
            ("aarch64" or "arm64", _) => ("arm64", variant),
            ("armhf", _) => ("arm", "v7"),
            ("armel", _) => ("arm", "v6"),
            ("arm", "" or null or "7") => ("arm", "v7"),
            ("arm", "5" or "6" or "8") => ("arm", "v" + variant),
            var other => other,
        };
        return this with { Architecture = architecture, Variant = normal };
    }

    /// <summary>True if something built for <paramref name="image"/> runs on this platform natively; an image that names no platform does.</summary>
    public bool Runs(Platform image)
    {
        var (mine, its) = (Normalize(), image.Normalize());
        return (its.Os.Length == 0 || its.Os == mine.Os)
            && (its.Architecture.Length == 0 || (its.Architecture == mine.Architecture && RunsVariant(mine, its)));
    }

    /// <summary>The platform as people write it: <c>linux/arm/v7</c>.</summary>
    public override string ToString() =>
        string.Join('/', new[] { Os, Architecture, Variant ?? "" }.Where(part => part.Length > 0));

    // A newer ARM runs older ARM code: v8 runs v7, v7 runs v6. Other processors' variants must be equal or unsaid.
    private static bool RunsVariant(Platform mine, Platform its) =>
        its.Variant is null || mine.Variant == its.Variant
        || (mine.Architecture == "arm" && string.CompareOrdinal(its.Variant, mine.Variant) < 0);

    private static bool IsOs(string word) => word.ToLowerInvariant() is "linux" or "windows" or "darwin" or "freebsd" or "netbsd" or "openbsd" or "solaris" or "aix" or "plan9" or "wasip1" or "js";
}
