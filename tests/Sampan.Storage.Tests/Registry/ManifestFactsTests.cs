using System.Text;
using Sampan.Storage.Registry;

namespace Sampan.Storage.Tests.Registry;

/// <summary>What is pushed as a manifest, by whoever may push.</summary>
public sealed class ManifestFactsTests : RegistryStoreTest
{
    private const string ImageType = "application/vnd.oci.image.manifest.v1+json";
    private const string IndexType = "application/vnd.oci.image.index.v1+json";

    private static readonly string s_config = Descriptor("c", "application/vnd.oci.image.config.v1+json");

    public static TheoryData<string, string?> Bad => new()
    {
        { "", null },
        { "null", ImageType },
        { """{"mediaType":"\ud800"}""", null },
        { "[]", ImageType },
        { "{}", null },
        { "{}", ImageType },
        { $$"""{"schemaVersion":1,"config":{{s_config}},"layers":[]}""", ImageType },
        { $$"""{"schemaVersion":"2","config":{{s_config}},"layers":[]}""", ImageType },
        { """{"schemaVersion":2,"layers":[]}""", ImageType },
        { $$"""{"schemaVersion":2,"config":{{s_config}}}""", ImageType },
        { $$"""{"schemaVersion":2,"config":{{s_config}},"layers":{} }""", ImageType },
        { $$"""{"schemaVersion":2,"config":{{s_config}},"layers":[null]}""", ImageType },
        { $$"""{"schemaVersion":2,"config":{{s_config}},"layers":[{"digest":"sha256:00","size":1}]}""", ImageType },
        { $$"""{"schemaVersion":2,"config":{{s_config}},"layers":[{"digest":"../../etc/passwd","size":1}]}""", ImageType },
        { $$"""{"schemaVersion":2,"config":{{s_config}},"layers":[{"digest":"{{DigestOf("x")}}","size":-1}]}""", ImageType },
        { $$"""{"schemaVersion":2,"config":{{s_config}},"layers":[{"digest":"{{DigestOf("x")}}","size":1e99}]}""", ImageType },
        { $$"""{"schemaVersion":2,"mediaType":"{{IndexType}}","config":{{s_config}},"layers":[]}""", ImageType },
        { $$"""{"schemaVersion":2,"mediaType":5,"config":{{s_config}},"layers":[]}""", null },
        { $$"""{"schemaVersion":2,"mediaType":"text/html\r\nSet-Cookie: a=b","config":{{s_config}},"layers":[]}""", null },
        { """{"schemaVersion":2,"manifests":[]}""", ImageType },
        { """{"schemaVersion":2,"manifests":[],"layers":[]}""", IndexType },
        { $$"""{"schemaVersion":2,"manifests":[],"config":{{s_config}}}""", IndexType },
        { """{"schemaVersion":1,"name":"a","fsLayers":[]}""", "application/vnd.docker.distribution.manifest.v1+prettyjws" },
        { $$"""{"schemaVersion":2,"config":{{s_config}},"layers":[],"annotations":[]}""", ImageType },
        { $$"""{"schemaVersion":2,"config":{{s_config}},"layers":[],"annotations":{"a":1} }""", ImageType },
    };

    [Theory, MemberData(nameof(Bad))]
    public void What_is_no_manifest_is_refused(string text, string? type) => Refused(text, type);

    [Fact]
    public void A_subject_with_a_malformed_digest_is_refused_CVE_2026_95839()
    {
        foreach (var digest in new[] { "", "sha256:", ":", "sha256", "sha256:zz", "a:b:c", "\\u0000" })
            Refused($$"""{"schemaVersion":2,"config":{{s_config}},"layers":[],"subject":{"mediaType":"{{ImageType}}","digest":"{{digest}}","size":1} }""", ImageType);
        Refused($$"""{"schemaVersion":2,"config":{{s_config}},"layers":[],"subject":"{{DigestOf("x")}}"}""", ImageType);
        Refused($$"""{"subject":{"digest":7} }""", "application/vnd.example.thing");
    }

    [Fact]
    public void A_manifest_that_can_be_read_as_two_things_is_refused_CVE_2021_41190()
    {
        Refused($$"""{"schemaVersion":2,"config":{{s_config}},"layers":[],"manifests":[]}""", ImageType);
        Refused($$"""{"schemaVersion":2,"config":{{s_config}},"layers":[],"layers":[{{Descriptor("x")}}]}""", ImageType);
        Refused($$"""{"schemaVersion":2,"config":{{s_config}},"layers":[],"Layers":[{{Descriptor("x")}}]}""", ImageType);
        Refused($$"""{"schemaVersion":2,"config":{{s_config}},"layers":[],"MediaType":"{{IndexType}}"}""", ImageType);
    }

    [Fact]
    public async Task A_manifest_that_lies_about_a_size_is_refused()
    {
        await PushBlobAsync("app", "c");
        await PushBlobAsync("app", "layer");
        var manifest = Image("c", "layer").Replace("\"size\":5", "\"size\":6", StringComparison.Ordinal);

        Should.Throw<RegistryRefusalException>(() => Put("app", "v1", manifest)).Code.ShouldBe(RefusalCode.ManifestInvalid);

        Store.FindManifest(Name("app"), Reference("v1")).ShouldBeNull();
    }

    [Fact]
    public async Task Layers_that_clients_get_elsewhere_need_not_be_here()
    {
        await PushBlobAsync("app", "c");

        Put("app", "v1", $$"""{"schemaVersion":2,"mediaType":"{{ImageType}}","config":{{s_config}},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{DigestOf("far")}}","size":3,"urls":["https://example.com/far"]},{"mediaType":"application/vnd.oci.image.layer.nondistributable.v1.tar","digest":"{{DigestOf("secret")}}","size":6}]}""");

        Store.FindManifest(Name("app"), Reference("v1")).ShouldNotBeNull();
    }

    [Fact]
    public void Documents_that_nobody_here_knows_are_stored_as_what_they_are()
    {
        Put("app", "v1", """{"mediaType":"application/vnd.example.thing.v1+json","anything":[1,2,{"a":null}]}""");

        Store.FindManifest(Name("app"), Reference("v1")).ShouldNotBeNull().MediaType.ShouldBe("application/vnd.example.thing.v1+json");
    }

    [Fact]
    public void Thousands_of_garbled_manifests_are_refused_or_stored_and_never_end_anything()
    {
        var random = new Random(20260102);
        var whole = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"{{ImageType}}","config":{{s_config}},"layers":[{{Descriptor("x")}}],"subject":{{Descriptor("y")}},"annotations":{"a":"b"} }""");
        for (var i = 0; i < 5000; i++)
        {
            var bytes = whole.ToArray();
            for (var n = random.Next(1, 6); n > 0; n--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var text = bytes.AsMemory(0, random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length);
            try
            {
                _ = ManifestFacts.Read(text, random.Next(2) == 0 ? ImageType : null).ToStored(text.Length);
            }
            catch (RegistryRefusalException refusal)
            {
                refusal.Code.ShouldBe(RefusalCode.ManifestInvalid);
            }
        }
    }

    [Theory]
    [InlineData("../etc")]
    [InlineData("a/../b")]
    [InlineData("a//b")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a+b")]
    [InlineData("A")]
    [InlineData("a:b")]
    [InlineData("a@b")]
    [InlineData("a b")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("_catalog")]
    [InlineData("a/.b")]
    [InlineData("")]
    public void What_is_no_name_of_a_repository_is_no_path(string text) => RepositoryName.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("a")]
    [InlineData("library/nginx")]
    [InlineData("a.b/c-d/e__f/g_h/0")]
    [InlineData("a/blobs/uploads")]
    public void A_name_becomes_one_directory_and_comes_back(string text)
    {
        var name = Name(text);
        name.DirectoryName.ShouldNotContain("/");
        RepositoryName.TryParseDirectory(name.DirectoryName, out var again).ShouldBeTrue();
        again.ShouldBe(name);
    }

    [Theory]
    [InlineData("sha256:")]
    [InlineData("sha256:../../../../../../../../../../../../../../../../../../../../../etc/passwd")]
    [InlineData("SHA256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("sha512:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("md5:d41d8cd98f00b204e9800998ecf8427e")]
    public void What_is_no_digest_is_no_path(string text) => ContentDigest.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public async Task A_push_of_a_tag_moves_it_and_the_old_manifest_stays()
    {
        var first = await PushImageAsync("app", "v1", layer: "one");
        var second = await PushImageAsync("app", "v1", layer: "two");

        Store.FindManifest(Name("app"), Reference("v1")).ShouldNotBeNull().Digest.ShouldBe(second);
        Store.FindManifest(Name("app"), ManifestReference.Of(first)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Long_lists_of_referrers_come_in_pages()
    {
        Options = Options with { ManifestMaxBytes = 4 * 1024 };
        Reopen();
        var subject = await PushImageAsync("app", "v1");
        var subjectText = Image("the configuration", "the layer");
        var pushed = new List<string>();
        for (var i = 0; i < 12; i++)
            pushed.Add((await PushImageAsync("app", "", rest: $$""","subject":{{Descriptor(subjectText)}},"annotations":{"n":"{{i}}","pad":"{{new string('x', 100)}}"}""")).ToString());

        var found = new List<string>();
        ContentDigest? last = null;
        var pages = 0;
        do
        {
            var (index, next) = Store.ListReferrers(Name("app"), subject, null, last);
            index.Length.ShouldBeLessThanOrEqualTo(Options.ManifestMaxBytes);
            found.AddRange(Encoding.UTF8.GetString(index.Span).Split('"').Where(part => part.StartsWith("sha256:", StringComparison.Ordinal)));
            last = next;
            pages++;
        }
        while (last is not null);

        pages.ShouldBeGreaterThan(1);
        found.ShouldBe(pushed.Order(StringComparer.Ordinal));
    }

    private void Refused(string text, string? type)
    {
        Should.Throw<RegistryRefusalException>(() => Store.PutManifest(Name("app"), Reference("v1"), [], Encoding.UTF8.GetBytes(text), type)).Code.ShouldBe(RefusalCode.ManifestInvalid, text);
        Files("").ShouldBeEmpty();
    }
}
