using Sampan.Oci.Images;

namespace Sampan.Build.Planning;

/// <summary>The arguments that every build has without saying.</summary>
internal static class PlatformArguments
{
    /// <summary>Those of the proxy are variables of RUN without being declared, and count neither for the cache nor for history.</summary>
    internal static IReadOnlySet<string> Proxies { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY", "ftp_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy",
    };

    /// <summary><c>TARGETPLATFORM</c>, <c>BUILDPLATFORM</c> and their parts.</summary>
    internal static Dictionary<string, string> Of(Platform build, Platform target, string? stage)
    {
        var arguments = new Dictionary<string, string>(StringComparer.Ordinal) { ["TARGETSTAGE"] = stage is { Length: > 0 } ? stage : "default" };
        foreach (var (prefix, platform) in new[] { ("BUILD", build), ("TARGET", target) })
        {
            arguments[prefix + "PLATFORM"] = platform.ToString();
            arguments[prefix + "OS"] = platform.Os;
            arguments[prefix + "ARCH"] = platform.Architecture;
            arguments[prefix + "VARIANT"] = platform.Variant ?? "";
        }
        return arguments;
    }
}
