using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sampan.Server.Registry;

/// <summary>A server's certificate with its key, from PEM files; read again when one of them changes. Thread-safe.</summary>
internal sealed class TlsCertificate
{
    private readonly WatchedFile _certificate;
    private readonly WatchedFile _key;
    private readonly RegistryLog _log;
    private volatile SslServerAuthenticationOptions _options;

    private TlsCertificate(string certificate, string key, RegistryLog log)
    {
        (_certificate, _key, _log) = (new WatchedFile(certificate), new WatchedFile(key), log);
        _options = Read();
    }

    /// <summary>Reads the files.</summary>
    /// <exception cref="InvalidDataException">They cannot be read, or do not fit each other.</exception>
    internal static TlsCertificate Open(string certificate, string key, RegistryLog log) => new(certificate, key, log);

    /// <summary>What the next connection is to be answered with.</summary>
    internal SslServerAuthenticationOptions Current()
    {
        // Both are asked: one that changed after the other must not be missed.
        if (_certificate.HasChanged() | _key.HasChanged())
        {
            try
            {
                _options = Read();
                _log.Reread(_certificate.Path);
            }
            catch (InvalidDataException wrong)
            {
                _log.NotReread(_certificate.Path, wrong.Message);
            }
        }
        return _options;
    }

    private SslServerAuthenticationOptions Read() => ReadOptions(_certificate.Path, _key.Path);

    /// <summary>What TLS is told of a certificate.</summary>
    /// <exception cref="InvalidDataException">The files cannot be read, or do not fit each other.</exception>
    internal static SslServerAuthenticationOptions ReadOptions(string certificate, string key)
    {
        try
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPemFile(certificate);
            var leaf = X509Certificate2.CreateFromPemFile(certificate, key);
            X509Certificate2Collection behind = [.. all.Where(one => !one.RawDataMemory.Span.SequenceEqual(leaf.RawDataMemory.Span))];
            return new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(leaf, behind, offline: true),
                ApplicationProtocols = [SslApplicationProtocol.Http11],
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            };
        }
        catch (Exception wrong) when (wrong is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidDataException($"cannot use certificate '{certificate}' with key '{key}': {wrong.Message.TrimEnd('.')}", wrong);
        }
    }
}
