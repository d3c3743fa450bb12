using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Signatures and lists of parts go with an image from one registry to another: one that keeps their list (ours) and one that does not (Debian's).</summary>
public sealed class ReferrerTests(SharedEngine engine) : EngineTest(engine)
{
    private const string Parts = "application/spdx+json";
    private const string Signature = "application/vnd.cncf.notary.signature";
    private const string Cosign = "application/vnd.dev.cosign.simplesigning.v1+json";
    private const string Manifest = "application/vnd.oci.image.manifest.v1+json";

    [Fact]
    public async Task What_is_attached_to_an_image_goes_with_it_from_registry_to_registry_and_back()
    {
        using var scratch = new Scratch();
        await using var debians = await DockerRegistry.StartAsync();
        await using var ours = await OwnRegistry.StartAsync("--root", scratch.Path);
        var repository = NewName("signed");
        string[] names = [$"{ours.Host}/{repository}:v1", $"{debians.Host}/team/{repository}:v1", $"{ours.Host}/back/{repository}:v1"];
        try
        {
            (await RunAsync(Clients.Sampan, "tag", "busybox", names[0])).Succeeded();
            var digest = (await RunAsync(Clients.Sampan, "push", names[0])).Succeeded().Split("digest: ")[1].Split(' ')[0];
            var parts = await AttachAsync($"http://{ours.Host}/v2/{repository}", Parts, digest, null);
            await AttachAsync($"http://{ours.Host}/v2/{repository}", Signature, parts, null);
            await AttachAsync($"http://{ours.Host}/v2/{repository}", Cosign, null, $"{digest.Replace(':', '-')}.sig");
            (await RunAsync(Clients.Sampan, "rmi", names[0])).Succeeded();

            for (var i = 0; i < 2; i++)
            {
                (await RunAsync(Clients.Sampan, "pull", "--referrers", names[i])).Succeeded().ShouldContain("3 referrers pulled");
                var here = (await RunAsync(Clients.Sampan, "image", "referrers", "--local", names[i])).Succeeded();
                here.ShouldContain(Parts);
                here.ShouldContain(Signature);
                here.ShouldContain(Cosign);
                (await RunAsync(Clients.Sampan, "tag", names[i], names[i + 1])).Succeeded();
                (await RunAsync(Clients.Sampan, "push", "--referrers", names[i + 1])).Succeeded().ShouldContain("3 referrers pushed");
                (await RunAsync(Clients.Sampan, "rmi", names[i], names[i + 1])).Succeeded();
                var there = (await RunAsync(Clients.Sampan, "image", "referrers", names[i + 1])).Succeeded();
                there.ShouldMatch($@"{parts}\s+{Regex.Escape(Parts)}\s+\d+B");
                there.ShouldContain(Cosign);
            }

            // By its own list: no tag is needed there.
            using var http = new HttpClient();
            (await http.GetStringAsync(new Uri($"http://{ours.Host}/v2/back/{repository}/referrers/{parts}"))).ShouldContain(Signature);
        }
        finally
        {
            foreach (var name in names)
                await RunAsync(Clients.Sampan, "rmi", "-f", name);
        }
    }

    // As oras and cosign do it.
    private static async Task<string> AttachAsync(string repository, string kind, string? subject, string? tag)
    {
        using var http = new HttpClient();
        var config = await SendAsync(http, repository, "{}");
        var content = await SendAsync(http, repository, $"says {kind}");
        var about = "";
        if (subject is not null)
        {
            using var get = new HttpRequestMessage(HttpMethod.Get, $"{repository}/manifests/{subject}");
            get.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(Manifest));
            using var known = await http.SendAsync(get);
            about = $$""","subject":{"mediaType":"{{Manifest}}","digest":"{{subject}}","size":{{(await known.Content.ReadAsByteArrayAsync()).Length}}}""";
        }

        var manifest = $$"""{"schemaVersion":2,"mediaType":"{{Manifest}}","artifactType":"{{kind}}","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{{config}}","size":2},"layers":[{"mediaType":"{{kind}}","digest":"{{content}}","size":{{$"says {kind}".Length}}}]{{about}}}""";
        var digest = DigestOf(manifest);
        using var body = new StringContent(manifest);
        body.Headers.ContentType = new(Manifest);
        using var put = await http.PutAsync(new Uri($"{repository}/manifests/{tag ?? digest}"), body);
        put.StatusCode.ShouldBe(HttpStatusCode.Created, await put.Content.ReadAsStringAsync());
        return digest;
    }

    private static async Task<string> SendAsync(HttpClient http, string repository, string content)
    {
        using var opened = await http.PostAsync(new Uri($"{repository}/blobs/uploads/"), null);
        var to = new Uri(new Uri(repository), opened.Headers.Location.ShouldNotBeNull()).AbsoluteUri;
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes(content));
        body.Headers.ContentType = new("application/octet-stream");
        using var put = await http.PutAsync(new Uri($"{to}{(to.Contains('?') ? '&' : '?')}digest={Uri.EscapeDataString(DigestOf(content))}"), body);
        put.StatusCode.ShouldBe(HttpStatusCode.Created, await put.Content.ReadAsStringAsync());
        return DigestOf(content);
    }

    private static string DigestOf(string text) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
}
