using System.Net;
using Sampan.Oci.Images;
using Sampan.Storage.Distribution;

namespace Sampand.Configuration;

/// <summary>Reads the settings of registries.</summary>
internal static class RegistrySettings
{
    /// <summary>Reads them; what is wrong is added to <paramref name="problems"/>.</summary>
    internal static RegistryOptions Read(Settings settings, List<string> problems)
    {
        var usual = new RegistryOptions();
        var mirrors = new List<RegistryMirror>();
        foreach (var location in settings.All("registry-mirrors"))
            Add("registry-mirrors", ImageReference.DefaultDomain, location);
        foreach (var text in settings.All("mirrors"))
        {
            var equals = text.IndexOf('=');
            if (equals <= 0)
                problems.Add($"invalid value of 'mirrors': '{text}': expected source=url");
            else
                Add("mirrors", text[..equals], text[(equals + 1)..]);
        }

        return usual with
        {
            Insecure = [.. settings.All("insecure-registries").Select(text => Insecure(text, problems))],
            // The more is said of what is mirrored, the earlier it is asked; among equals the order of the settings decides.
            Mirrors = [.. mirrors.OrderBy(mirror => mirror.Source[0] == '*' ? mirror.Source.Length == 1 ? 2 : 1 : 0).ThenByDescending(mirror => mirror.Source.Contains('/'))],
            MaxConcurrentDownloads = DaemonOptions.Number(settings, "max-concurrent-downloads", 1, 1000, problems) ?? usual.MaxConcurrentDownloads,
            MaxConcurrentUploads = DaemonOptions.Number(settings, "max-concurrent-uploads", 1, 1000, problems) ?? usual.MaxConcurrentUploads,
            MaxAttempts = DaemonOptions.Number(settings, "max-download-attempts", 1, 1000, problems) ?? usual.MaxAttempts,
            UserAgent = $"sampan/{Sampan.Server.EngineVersion.Own}",
        };

        void Add(string key, string source, string location)
        {
            if (RegistryMirror.TryCreate(source, location, out var mirror, out var why))
                mirrors.Add(mirror);
            else
                problems.Add($"invalid value of '{key}': {why}");
        }
    }

    private static string Insecure(string text, List<string> problems)
    {
        var isNetwork = text.Contains('/');
        if (text.Length == 0 || text.Contains("://", StringComparison.Ordinal) || (isNetwork && !IPNetwork.TryParse(text, out _)))
            problems.Add($"invalid value of 'insecure-registries': '{text}': expected host[:port] or a CIDR");
        return text;
    }
}
