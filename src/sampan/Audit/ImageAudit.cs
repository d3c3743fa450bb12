using Sampan.DockerApi.Images;

namespace Sampan.Cli.Audit;

/// <summary>Section 4 of the CIS Docker Benchmark, as far as an image's configuration and history tell. Pure.</summary>
internal static class ImageAudit
{
    private static readonly string[] s_secret = ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "APIKEY", "API_KEY", "ACCESS_KEY", "PRIVATE_KEY"];

    private static readonly string[] s_update = ["apt-get update", "apt update", "apk update", "yum update", "dnf update", "dnf makecache"];
    private static readonly string[] s_install = ["install", "apk add", "upgrade"];

    public static IEnumerable<AuditFinding> Of(string name, ImageInspect image, IReadOnlyList<HistoryItem> history)
    {
        var subject = $"image {name}";
        var user = (image.Config?.User ?? "").Split(':')[0];
        var secrets = (image.Config?.Env ?? []).Select(line => line.Split('=', 2)).Where(pair => pair is [var key, { Length: > 0 }] && s_secret.Any(word => key.Contains(word, StringComparison.OrdinalIgnoreCase))).Select(pair => pair[0]).ToList();
        // The first ADD of an image without a base is its root file system.
        var added = history.SkipLast(1).Count(step => step.CreatedBy.Contains("ADD ", StringComparison.Ordinal));
        yield return AuditFinding.Of("4.1", subject, user is not ("" or "root" or "0"), $"runs as {user}", "runs as root", "add USER to its Dockerfile");
        yield return AuditFinding.Of("4.6", subject, image.Config?.Healthcheck?.Test is { Count: > 0 } test && test[0] != "NONE", "has a health check", "has no health check", "add HEALTHCHECK to its Dockerfile");
        var stale = history.Count(step => s_update.Any(update => step.CreatedBy.Contains(update, StringComparison.Ordinal)) && !s_install.Any(install => step.CreatedBy.Contains(install, StringComparison.Ordinal)));
        yield return AuditFinding.Of("4.7", subject, stale == 0, "updates lists of packages only to install", "updates lists of packages in a step of its own, which is cached for ever", "put update and install into one RUN");
        yield return AuditFinding.Of("4.9", subject, added == 0, "was built without ADD", $"was built with ADD ({added} times), which unpacks and downloads", "use COPY instead");
        yield return AuditFinding.Of("4.10", subject, secrets.Count == 0, "has no secrets in its environment", $"may have secrets in its environment: {string.Join(", ", secrets)}", "give them when it runs, not when it is built");
    }
}
