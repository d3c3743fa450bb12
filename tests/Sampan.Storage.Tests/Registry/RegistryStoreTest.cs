using System.Text;
using Sampan.Storage.Registry;

namespace Sampan.Storage.Tests.Registry;

/// <summary>A registry's store in a directory of its own, and content to put there.</summary>
public abstract class RegistryStoreTest : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private protected RegistryStoreTest()
    {
        Options = new RegistryStoreOptions { Root = _directory["root"], CollectionGrace = TimeSpan.FromHours(1), UploadExpiry = TimeSpan.FromHours(1), CollectUntagged = true };
        Store = RegistryStore.Open(Options, Time);
    }

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    private protected ManualTime Time { get; } = new();

    private protected RegistryStoreOptions Options { get; set; }

    private protected RegistryStore Store { get; private set; }

    public virtual void Dispose()
    {
        Store.Dispose();
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static RepositoryName Name(string text) => RepositoryName.TryParse(text, out var name) ? name : throw new ArgumentException($"'{text}' is no name");

    private protected static ManifestReference Reference(string text) => ManifestReference.TryParse(text, out var reference) ? reference : throw new ArgumentException($"'{text}' is no reference");

    private protected static ContentDigest DigestOf(string content) => ContentDigest.Of(ContentDigest.Sha256, Encoding.UTF8.GetBytes(content));

    private protected static string Descriptor(string content, string type = "application/vnd.oci.image.layer.v1.tar") => $$"""{"mediaType":"{{type}}","digest":"{{DigestOf(content)}}","size":{{content.Length}}}""";

    private protected static string Image(string config, string layer, string rest = "") =>
        $$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{Descriptor(config, "application/vnd.oci.image.config.v1+json")}},"layers":[{{Descriptor(layer)}}]{{rest}}}""";

    /// <summary>What a restart does.</summary>
    private protected void Reopen()
    {
        Store.Dispose();
        Store = RegistryStore.Open(Options, Time);
    }

    private protected async Task<ContentDigest> PushBlobAsync(string name, string content)
    {
        var upload = Store.BeginUpload(Name(name), null, null);
        (await upload.TryEnterAsync(TimeSpan.Zero, Ct)).ShouldBeTrue();
        upload.Append(Encoding.UTF8.GetBytes(content));
        Store.FinishUpload(upload, DigestOf(content), Ct);
        upload.Leave();
        return DigestOf(content);
    }

    /// <summary>Pushes an image of two blobs, and returns its digest.</summary>
    private protected async Task<ContentDigest> PushImageAsync(string name, string reference, string config = "the configuration", string layer = "the layer", string rest = "")
    {
        await PushBlobAsync(name, config);
        await PushBlobAsync(name, layer);
        return Put(name, reference, Image(config, layer, rest));
    }

    private protected ContentDigest Put(string name, string reference, string manifest) =>
        Store.PutManifest(Name(name), Reference(reference.Length == 0 ? DigestOf(manifest).ToString() : reference), [], Encoding.UTF8.GetBytes(manifest), null).Digest;

    private protected string? Read(string name, ContentDigest digest)
    {
        using var blob = Store.OpenBlob(Name(name), digest, forPush: false);
        return blob is null ? null : Text(blob);
    }

    private protected static string Text(BlobFile blob)
    {
        var bytes = new byte[blob.Length];
        blob.ReadAsync(0, bytes, CancellationToken.None).AsTask().GetAwaiter().GetResult().ShouldBe(bytes.Length);
        return Encoding.UTF8.GetString(bytes);
    }

    private protected string[] Files(string directory) => [.. Directory.EnumerateFiles(Path.Combine(Options.Root, directory), "*", SearchOption.AllDirectories)];
}
