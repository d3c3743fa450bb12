using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Sampan.Server.Registry;

namespace Sampan.Server.Gateway;

/// <summary>
/// A directory of certificates, chosen by the name that a client asks for. Looked at again every second at most, when somebody
/// connects; a file that makes no sense leaves all as it was. Thread-safe.
/// </summary>
internal sealed class GatewayCertificates
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly string _directory;
    private readonly GatewayLog _log;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private string _signature;
    private long _looked;
    private volatile IReadOnlyDictionary<string, SslServerAuthenticationOptions> _byName;

    private GatewayCertificates(string directory, GatewayLog log, TimeProvider time)
    {
        (_directory, _log, _time) = (directory, log, time);
        _looked = time.GetTimestamp();
        _signature = Signature();
        _byName = Read();
    }

    /// <summary>Reads the directory.</summary>
    /// <exception cref="InvalidDataException">It cannot be read, or a file in it makes no sense.</exception>
    internal static GatewayCertificates Open(string directory, GatewayLog log, TimeProvider time)
    {
        try
        {
            return new GatewayCertificates(directory, log, time);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"cannot read certificates in '{directory}': {wrong.Message}", wrong);
        }
    }

    /// <summary>What a client that asks for this name is answered with.</summary>
    /// <exception cref="AuthenticationException">There is no certificate for it.</exception>
    internal SslServerAuthenticationOptions Select(string? name)
    {
        Look();
        var host = (name ?? "").TrimEnd('.').ToLowerInvariant();
        var dot = host.IndexOf('.');
        return _byName.GetValueOrDefault(host)
            ?? (dot > 0 ? _byName.GetValueOrDefault("*" + host[dot..]) : null)
            ?? _byName.GetValueOrDefault("default")
            ?? throw new AuthenticationException($"there is no certificate for '{host}'");
    }

    private void Look()
    {
        lock (_gate)
        {
            if (_time.GetElapsedTime(_looked) < s_look)
                return;
            _looked = _time.GetTimestamp();
            try
            {
                if (Signature() is var now && now == _signature)
                    return;
                _signature = now;
                _byName = Read();
                _log.Certificates(_byName.Values.Distinct().Count(), _directory);
            }
            catch (Exception wrong) when (wrong is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                _log.BadCertificate(wrong.Message);
            }
        }
    }

    private IEnumerable<FileInfo> Files() => new DirectoryInfo(_directory).EnumerateFiles().Where(f => f.Extension is ".crt" or ".key").OrderBy(f => f.Name, StringComparer.Ordinal);

    private string Signature() => string.Join('\n', Files().Select(f => $"{f.Name} {f.Length} {f.LastWriteTimeUtc.Ticks}"));

    private Dictionary<string, SslServerAuthenticationOptions> Read()
    {
        var byName = new Dictionary<string, SslServerAuthenticationOptions>(StringComparer.Ordinal);
        foreach (var file in Files().Where(f => f.Extension == ".crt"))
        {
            var key = Path.ChangeExtension(file.FullName, ".key");
            var options = TlsCertificate.ReadOptions(file.FullName, key);
            using var leaf = X509Certificate2.CreateFromPemFile(file.FullName, key);
            foreach (var name in leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames()).Append(Path.GetFileNameWithoutExtension(file.Name)))
                byName[name.ToLowerInvariant()] = options;
        }

        return byName.Count > 0 ? byName : throw new InvalidDataException($"'{_directory}' holds no certificate: NAME.crt beside NAME.key is expected, PEM");
    }
}
