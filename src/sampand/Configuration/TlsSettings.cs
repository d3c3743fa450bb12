using Sampan.Server;

namespace Sampand.Configuration;

/// <summary><c>--tls</c>, <c>--tlsverify</c> and the files that belong to them.</summary>
internal static class TlsSettings
{
    private const string Directory = "/etc/docker";

    /// <summary>Reads them; null: TCP addresses speak no TLS.</summary>
    internal static ApiTls? Read(Settings settings, List<string> problems)
    {
        var verify = DaemonOptions.Switch(settings, "tlsverify", problems) == true;
        if (!verify && DaemonOptions.Switch(settings, "tls", problems) != true)
        {
            foreach (var key in new[] { "tlscacert", "tlscert", "tlskey" })
            {
                if (settings.One(key) is not null)
                    problems.Add($"'{key}' means nothing without 'tls' or 'tlsverify'");
            }

            return null;
        }

        return new ApiTls(File("tlscert", "cert.pem"), File("tlskey", "key.pem"), verify ? File("tlscacert", "ca.pem") : null);

        string File(string key, string usual)
        {
            var path = Path.GetFullPath(settings.One(key) is { Length: > 0 } given ? given : Path.Combine(Directory, usual));
            if (!System.IO.File.Exists(path))
                problems.Add($"invalid value of '{key}': '{path}' does not exist");
            return path;
        }
    }
}
