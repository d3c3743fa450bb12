using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sampan.Engine.Logs.Drivers;

/// <summary>TLS to a receiver.</summary>
/// <param name="Authorities">A PEM file with the authorities to trust; null: the machine's.</param>
/// <param name="Certificate">A PEM file with our certificate; null: none.</param>
/// <param name="Key">A PEM file with its key; null: none.</param>
/// <param name="SkipVerify">Anybody is believed.</param>
internal sealed record LogTls(string? Authorities, string? Certificate, string? Key, bool SkipVerify)
{
    /// <summary>For a connection to a host.</summary>
    public SslClientAuthenticationOptions Options(string host)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = host };
        if (Own() is { } own)
            options.ClientCertificates = [own];
        if (SkipVerify)
        {
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        }
        else if (Authorities is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(Trusted(Authorities));
        }

        return options;
    }

    /// <summary>Reads the files, so that what is wrong with them is told before anything is to be sent.</summary>
    /// <exception cref="FormatException">One cannot be read, or has not what it should have; the message names it.</exception>
    public void Check()
    {
        if (Authorities is not null && !SkipVerify)
            Trusted(Authorities);
        Own()?.Dispose();
    }

    private static X509Certificate2Collection Trusted(string file) => Read($"the certificates of 'syslog-tls-ca-cert' in '{file}'", () =>
    {
        var trusted = new X509Certificate2Collection();
        trusted.ImportFromPemFile(file);
        return trusted.Count > 0 ? trusted : throw new CryptographicException("there is none in it: a PEM file is expected");
    });

    private X509Certificate2? Own()
    {
        if (Certificate is null != Key is null)
            throw new FormatException($"'{(Key is null ? "syslog-tls-cert" : "syslog-tls-key")}' is of no use without '{(Key is null ? "syslog-tls-key" : "syslog-tls-cert")}': give both or neither");
        return Certificate is null ? null : Read($"the certificate of 'syslog-tls-cert' in '{Certificate}' with the key of 'syslog-tls-key' in '{Key}'", () => X509Certificate2.CreateFromPemFile(Certificate, Key));
    }

    private static T Read<T>(string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new FormatException($"cannot read {what}: {unreadable.Message}", unreadable);
        }
    }
}
