using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sampan.Server.Registry;

namespace Sampan.Server.Http;

/// <summary>What TLS is told for a listener of the API.</summary>
internal static class ApiTlsOptions
{
    /// <summary>Reads the files.</summary>
    /// <exception cref="InvalidDataException">They cannot be read, do not fit each other, or hold no authority.</exception>
    internal static SslServerAuthenticationOptions Read(ApiTls tls)
    {
        var options = TlsCertificate.ReadOptions(tls.CertificateFile, tls.KeyFile);
        if (tls.AuthorityFile is not { } file)
            return options;
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception wrong) when (wrong is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"cannot read the authorities in '{file}': {wrong.Message.TrimEnd('.')}", wrong);
        }

        if (authorities.Count == 0)
            throw new InvalidDataException($"'{file}' holds no certificate of an authority: nobody could connect");
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        options.ClientCertificateRequired = true;
        // A resumed session shows no certificate: each connection shows its own.
        options.AllowTlsResume = false;
        options.CertificateChainPolicy = policy;
        // None at all is an error, too: only a certificate of these authorities, made for clients, gets in.
        options.RemoteCertificateValidationCallback = (_, certificate, _, errors) => certificate is not null && errors == SslPolicyErrors.None;
        return options;
    }
}
