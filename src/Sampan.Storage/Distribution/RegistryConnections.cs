using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sampan.Storage.Distribution;

/// <summary>Connections to registries, kept for a while; one pool for each host and way of trusting it. Thread-safe.</summary>
internal sealed class RegistryConnections(RegistryOptions options) : IDisposable
{
    private readonly ConcurrentDictionary<(string Host, bool SkipVerify), Lazy<HttpMessageInvoker>> _pools = new();

    /// <summary>The connections to a host.</summary>
    /// <param name="host">Host and port, as the directories of certificates are named.</param>
    /// <param name="skipVerify">True if nobody needs to vouch for its certificate.</param>
    /// <exception cref="RegistryException">A certificate of the host's directory cannot be read.</exception>
    internal HttpMessageInvoker To(string host, bool skipVerify) =>
        _pools.GetOrAdd((host, skipVerify), key => new Lazy<HttpMessageInvoker>(() => Open(key.Host, key.SkipVerify))).Value;

    public void Dispose()
    {
        foreach (var pool in _pools.Values.Where(pool => pool.IsValueCreated))
            pool.Value.Dispose();
    }

    private HttpMessageInvoker Open(string host, bool skipVerify)
    {
        var (authorities, own) = ReadCertificates(host);
        var tls = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => skipVerify || errors == SslPolicyErrors.None || IsTrusted(certificate, chain, errors, authorities),
        };
        if (own.Count > 0)
            tls.ClientCertificates = own;
        var connect = options.Connect;
        return new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = connect is null ? null : (context, ct) => connect(context.DnsEndPoint, ct),
            // Both are done by hand, so that credentials stay where they belong.
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.ConnectTimeout,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            // What is left of an answer is thrown away with its connection, not read.
            MaxResponseDrainSize = 64 * 1024,
            MaxResponseHeadersLength = 64,
            SslOptions = tls,
        });
    }

    private static bool IsTrusted(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, X509Certificate2Collection authorities)
    {
        if (authorities.Count == 0 || errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 leaf)
            return false;
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(authorities);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        if (chain is not null)
            own.ChainPolicy.ExtraStore.AddRange(chain.ChainElements.Select(element => element.Certificate).ToArray());
        return own.Build(leaf);
    }

    private (X509Certificate2Collection Authorities, X509Certificate2Collection Own) ReadCertificates(string host)
    {
        var authorities = new X509Certificate2Collection();
        var own = new X509Certificate2Collection();
        foreach (var directory in options.CertificateDirectories.Select(root => Path.Combine(root, host)).Where(Directory.Exists))
        {
            foreach (var file in Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal))
            {
                try
                {
                    switch (Path.GetExtension(file))
                    {
                        case ".crt":
                            authorities.ImportFromPemFile(file);
                            break;
                        case ".cert":
                            var key = Path.ChangeExtension(file, ".key");
                            if (!File.Exists(key))
                                throw new RegistryException(StorageError.InvalidInput, $"missing key '{key}' for client certificate '{file}': CA certificates must use the extension .crt");
                            own.Add(X509Certificate2.CreateFromPemFile(file, key));
                            break;
                        case ".key" when !File.Exists(Path.ChangeExtension(file, ".cert")):
                            throw new RegistryException(StorageError.InvalidInput, $"missing client certificate '{Path.ChangeExtension(file, ".cert")}' for key '{file}'");
                    }
                }
                catch (Exception unreadable) when (unreadable is CryptographicException or IOException or UnauthorizedAccessException)
                {
                    throw new RegistryException(StorageError.InvalidInput, $"cannot read certificate '{file}' of registry '{host}': {unreadable.Message.TrimEnd('.')}", unreadable);
                }
            }
        }
        return (authorities, own);
    }
}
