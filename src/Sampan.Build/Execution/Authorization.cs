using System.Text;

namespace Sampan.Build.Execution;

/// <summary>
/// What secrets of a build say to servers that it fetches from: <c>HTTP_AUTH_HEADER_host</c> and <c>HTTP_AUTH_TOKEN_host</c> for files,
/// <c>GIT_AUTH_HEADER[.host]</c> and <c>GIT_AUTH_TOKEN[.host]</c> for repositories. Sent to that host only.
/// </summary>
internal static class Authorization
{
    /// <summary>For a file; null: nothing is said.</summary>
    internal static string? OfFile(IReadOnlyDictionary<string, byte[]> secrets, Uri address) =>
        Find(secrets, address, host => "HTTP_AUTH_HEADER_" + host) ?? (Find(secrets, address, host => "HTTP_AUTH_TOKEN_" + host) is { } token ? "Bearer " + token : null);

    /// <summary>For a repository; null: nothing is said, or it is not fetched by http.</summary>
    internal static string? OfRepository(IReadOnlyDictionary<string, byte[]> secrets, string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            return null;
        if (Find(secrets, address, host => "GIT_AUTH_HEADER." + host) is { } header)
            return header;
        if (Find(secrets, address, host => "GIT_AUTH_TOKEN." + host) is { } token)
            return Basic(token);
        // What has no host in its name is for whatever repository the user gave.
        return Text(secrets, "GIT_AUTH_HEADER") ?? (Text(secrets, "GIT_AUTH_TOKEN") is { } any ? Basic(any) : null);
    }

    /// <summary>Secrets that say something to a server, if there are any.</summary>
    internal static IEnumerable<string> Names(Uri address) => new[] { address.Authority, address.Host }.Distinct(StringComparer.Ordinal)
        .SelectMany(host => new[] { "HTTP_AUTH_HEADER_" + host, "HTTP_AUTH_TOKEN_" + host, "GIT_AUTH_HEADER." + host, "GIT_AUTH_TOKEN." + host }).Append("GIT_AUTH_HEADER").Append("GIT_AUTH_TOKEN");

    private static string Basic(string token) => "basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("x-access-token:" + token));

    private static string? Find(IReadOnlyDictionary<string, byte[]> secrets, Uri address, Func<string, string> name) => Text(secrets, name(address.Authority)) ?? Text(secrets, name(address.Host));

    // A line of a header, and no more.
    private static string? Text(IReadOnlyDictionary<string, byte[]> secrets, string name)
    {
        if (!secrets.TryGetValue(name, out var value))
            return null;
        var text = Encoding.UTF8.GetString(value).Trim();
        return text.Any(char.IsControl) ? throw BuildException.Invalid($"secret '{name}' is no line of a header: it has a control character in it") : text;
    }
}
