using System.Net.Security;
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
        if (Certificate is not null)
            options.ClientCertificates = [X509Certificate2.CreateFromPemFile(Certificate, Key)];
        if (SkipVerify)
        {
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        }
        else if (Authorities is not null)
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(Authorities);
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
        }

        return options;
    }
}
