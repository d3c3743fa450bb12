using System.Globalization;
using System.Text;
using Sampan.Oci.Images;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images.Remotes;

namespace Sampan.Storage.Tests.Distribution;

/// <summary>Documents of a registry, changed in every way: an image is whole or refused in one line, and of one that was refused nothing stays.</summary>
public sealed class LyingManifestTests : RegistryTest
{
    private const int Documents = 3;
    private const int Rounds = 40;

    private static readonly string[] s_values =
    [
        "null", "0", "-1", "9223372036854775807", "9223372036854775808", "1e400", "true", "\"\"", "\"x\"", "[]", "{}", "[null]", "[[[[[[]]]]]]",
        "\"sha256:\"", "\"sha256:../../../../etc/passwd\"", "\"sha512:00\"", "\"sha256:0000000000000000000000000000000000000000000000000000000000000000\"",
        "\"application/vnd.oci.image.index.v1+json\"", "\"application/vnd.oci.image.manifest.v1+json\"", "\"application/vnd.docker.distribution.manifest.v1+json\"",
        "\"\\u0000\\u001b[2J\"", "\"linux\"", "\"windows\"",
    ];

    // The change is made to the index, the manifest or the configuration; the documents above it name the changed one rightly, so that it is read.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Whatever_a_document_says_the_image_is_whole_or_refused(int document)
    {
        var random = new Random(document);
        for (var round = 0; round < Rounds; round++)
        {
            Registry.Blobs.Clear();
            Registry.Manifests.Clear();
            Publish(document, text => Change(text, random));
            try
            {
                var pulled = await PullAsync("app:v1", pull: new PullOptions { AllPlatforms = round % 2 == 0 });
                (await Images.CheckAsync(false, _ => null, _ => { }, Ct)).Findings.ShouldBeEmpty();
                foreach (var image in Images.List())
                    Images.Remove(image.Id.ToString(), force: true, noPrune: false, _ => null);
                pulled.Image.Layers.Count.ShouldBe(pulled.Image.DiffIds.Count);
            }
            catch (Exception refused) when (refused is StorageException or RegistryException)
            {
                refused.Message.Any(char.IsControl).ShouldBeFalse(refused.Message);
                refused.Message.Length.ShouldBeLessThan(1000);
            }
            Images.List().ShouldBeEmpty();
            Images.DropPartialDownloads();
            Directory.GetFiles(Path.Combine(DataRoot, "content"), "*", SearchOption.AllDirectories).ShouldBeEmpty();
            Directory.GetFileSystemEntries(Path.Combine(DataRoot, "layers")).ShouldBeEmpty();
        }
    }

    private void Publish(int changed, Func<byte[], byte[]> change)
    {
        byte[] Changed(int document, byte[] content) => document == changed ? change(content) : content;
        var layer = TestImage.Layer("a", 300);
        var blob = TestImage.Gzip(layer);
        var config = Changed(0, TestImage.Config([layer]));
        var manifest = Changed(1, TestImage.Manifest(config, [blob]));
        var index = Changed(Documents - 1, TestImage.Index(TestImage.Describe(manifest, MediaTypes.OciManifest, Platform.Current.ToString())));
        Registry.AddBlob("app", blob);
        Registry.AddBlob("app", config);
        Registry.AddManifest("app", "manifest", manifest, MediaTypes.OciManifest);
        Registry.AddManifest("app", "v1", index, MediaTypes.OciIndex);
    }

    private static byte[] Change(byte[] content, Random random)
    {
        var text = Encoding.UTF8.GetString(content);
        var colons = Enumerable.Range(0, text.Length - 1).Where(i => text[i] == ':' && text[i - 1] == '"').ToList();
        var at = colons[random.Next(colons.Count)] + 1;
        var value = s_values[random.Next(s_values.Length)];
        switch (random.Next(5))
        {
            case 0:
                return Encoding.UTF8.GetBytes(text[..at] + value + text[End(text, at)..]);
            case 1:
                // The same member twice: two readers may take different ones.
                var name = text[(text.LastIndexOf('"', at - 3) + 1)..(at - 2)];
                return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{text[..End(text, at)]},\"{name}\":{value}{text[End(text, at)..]}"));
            case 2:
                return content[..random.Next(content.Length)];
            case 3:
                var flipped = content.ToArray();
                flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
                return flipped;
            default:
                return Encoding.UTF8.GetBytes(text[..at] + new string('[', 100_000) + text[at..]);
        }
    }

    // Behind the value that begins at a place.
    private static int End(string text, int at)
    {
        var depth = 0;
        var inText = false;
        for (var i = at; i < text.Length; i++)
        {
            if (text[i] == '"')
                inText = !inText;
            if (inText)
                continue;
            if (depth == 0 && text[i] is ',' or '}' or ']' && depth == 0)
                return i;
            depth += text[i] switch { '{' or '[' => 1, '}' or ']' => -1, _ => 0 };
        }
        return text.Length;
    }
}
