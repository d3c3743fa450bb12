using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.Features;

namespace Sampan.Server.Http;

/// <summary>Who is at the other end of a TLS connection.</summary>
internal sealed class PeerCertificate(X509Certificate2? certificate) : ITlsConnectionFeature
{
    /// <inheritdoc/>
    public X509Certificate2? ClientCertificate { get; set; } = certificate;

    /// <inheritdoc/>
    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
}
