using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sampan.Conformance.Registry;

/// <summary>Base of the tests of registries: requests, and content to push.</summary>
public abstract class RegistryTest(RegistryUnderTest registry)
{
    private protected const string ImageManifest = "application/vnd.oci.image.manifest.v1+json";
    private protected const string ImageIndex = "application/vnd.oci.image.index.v1+json";

    private static int s_names;

    /// <summary>A repository that no other test has.</summary>
    private protected string Repository { get; } = $"conformance/t{Environment.ProcessId}/r{Interlocked.Increment(ref s_names)}";

    /// <summary>Holds the registry to a promise. Where a deviation is declared the promise must be broken.</summary>
    private protected static async Task ConformsAsync(Func<Task> promise, [CallerMemberName] string test = "")
    {
        if (RegistryDeviations.Find(RegistryUnderTest.Name, test) is not { } reason)
        {
            await promise();
            return;
        }
        try
        {
            await promise();
        }
        catch (Exception broken) when (broken is ShouldAssertException or JsonException or HttpRequestException)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"declared deviation of {RegistryUnderTest.Name}: {reason}");
            return;
        }
        Assert.Fail($"{RegistryUnderTest.Name} conforms here by now: take its entry for '{test}' out of the deviations ({reason})");
    }

    private protected async Task<HttpResponseMessage> SendAsync(HttpMethod method, string address, byte[]? body = null, string? type = null, string? range = null, (string Name, string Value)? header = null)
    {
        var http = await registry.ClientAsync();
        using var request = new HttpRequestMessage(method, address);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            if (type is not null)
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
            if (range is not null)
                request.Content.Headers.TryAddWithoutValidation("Content-Range", range);
        }
        if (header is { } given)
            request.Headers.TryAddWithoutValidation(given.Name, given.Value);
        return await http.SendAsync(request);
    }

    private protected Task<HttpResponseMessage> GetAsync(string address) => SendAsync(HttpMethod.Get, address);

    private protected async Task<string> UploadAddressAsync(string? repository = null)
    {
        using var begun = await SendAsync(HttpMethod.Post, $"/v2/{repository ?? Repository}/blobs/uploads/", []);
        begun.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        return Location(begun);
    }

    private protected static string Location(HttpResponseMessage answer) => answer.Headers.Location.ShouldNotBeNull().ToString();

    private protected static string With(string address, string query) => address + (address.Contains('?') ? "&" : "?") + query;

    private protected async Task<string> PushBlobAsync(byte[] content, string? repository = null)
    {
        var digest = DigestOf(content);
        var address = await UploadAddressAsync(repository);
        using var put = await SendAsync(HttpMethod.Put, With(address, $"digest={digest}"), content, "application/octet-stream");
        put.StatusCode.ShouldBe(HttpStatusCode.Created, await put.Content.ReadAsStringAsync());
        return digest;
    }

    /// <summary>Pushes an image of one layer and returns its manifest.</summary>
    private protected async Task<byte[]> PushImageAsync(string reference, string? subject = null, string? artifactType = null, string? note = null)
    {
        var manifest = await ManifestAsync(subject, artifactType, note);
        using var put = await SendAsync(HttpMethod.Put, $"/v2/{Repository}/manifests/{(reference.Length == 0 ? DigestOf(manifest) : reference)}", manifest, ImageManifest);
        put.StatusCode.ShouldBe(HttpStatusCode.Created, await put.Content.ReadAsStringAsync());
        return manifest;
    }

    private protected async Task<byte[]> ManifestAsync(string? subject = null, string? artifactType = null, string? note = null)
    {
        var config = Encoding.UTF8.GetBytes($$"""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]},"author":"{{Guid.NewGuid()}}"}""");
        var layer = RandomNumberGenerator.GetBytes(1000);
        await PushBlobAsync(config);
        await PushBlobAsync(layer);
        return Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"{{ImageManifest}}",{{(artifactType is null ? "" : $"\"artifactType\":\"{artifactType}\",")}}"config":{{Descriptor("application/vnd.oci.image.config.v1+json", config)}},"layers":[{{Descriptor("application/vnd.oci.image.layer.v1.tar", layer)}}]{{(subject is null ? "" : $",\"subject\":{subject}")}}{{(note is null ? "" : $",\"annotations\":{{\"note\":\"{note}\"}}")}}}""");
    }

    private protected static string Descriptor(string type, byte[] content) => $$"""{"mediaType":"{{type}}","digest":"{{DigestOf(content)}}","size":{{content.Length}}}""";

    private protected static string DigestOf(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    private protected static async Task RefusedAsync(HttpResponseMessage answer, HttpStatusCode[] statuses, params string[] codes)
    {
        var body = await answer.Content.ReadAsStringAsync();
        statuses.ShouldContain(answer.StatusCode, body);
        using var document = JsonDocument.Parse(body);
        codes.ShouldContain(document.RootElement.GetProperty("errors")[0].GetProperty("code").GetString(), body);
    }

    private protected static async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        using var document = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
        return document.RootElement.Clone();
    }

    private protected static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? string.Join(",", values) : null;
}
