using System.Net;

namespace Sampan.Server.Tests.Registry;

public sealed class RegistryUsersTests : IDisposable
{
    // "open sesame" and "correct horse", by htpasswd -B and libxcrypt.
    private const string Anna = "anna:$2y$04$/4JeS/asPIy4fNnDwaRES.g9qZx8RXAvJvINR/cnEDWWS3GYsNw.2\n";
    private const string Bert = "bert:$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2\n";
    private const string AsAnna = "anna:open sesame";
    private const string AsBert = "bert:correct horse";

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Without_a_password_nothing_is_given_and_a_login_is_asked_for()
    {
        await using var registry = await StartAsync(Anna);
        foreach (var path in new[] { "/v2/", "/v2/_catalog", "/v2/app/manifests/v1", "/nothing" })
        {
            using var answer = await registry.SendAsync(HttpMethod.Get, path);
            answer.Headers.WwwAuthenticate.ToString().ShouldStartWith("Basic realm=\"Sampan registry\"");
            await answer.RefusedAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        }
    }

    [Theory]
    [InlineData("anna:open sesam")]
    [InlineData("anna:")]
    [InlineData("carl:open sesame")]
    [InlineData(":open sesame")]
    [InlineData("anna")]
    [InlineData("anna:open sesame\0")]
    public async Task A_wrong_password_or_user_is_refused(string user)
    {
        await using var registry = await StartAsync(Anna);
        using var answer = await registry.SendAsync(HttpMethod.Get, "/v2/", user: user);
        await answer.RefusedAsync(HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    [Theory]
    [InlineData("Bearer abc")]
    [InlineData("Basic !!!")]
    [InlineData("Basic")]
    [InlineData("")]
    public async Task What_is_no_password_is_refused(string header)
    {
        await using var registry = await StartAsync(Anna);
        using var answer = await registry.SendAsync(HttpMethod.Get, "/v2/", header: ("Authorization", header));
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_right_password_opens_also_the_second_time_and_a_wrong_one_after_it_does_not()
    {
        await using var registry = await StartAsync(Anna);
        for (var i = 0; i < 2; i++)
        {
            using var right = await registry.SendAsync(HttpMethod.Get, "/v2/", user: AsAnna);
            right.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        using var wrong = await registry.SendAsync(HttpMethod.Get, "/v2/", user: "anna:other");
        wrong.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task An_upload_of_one_user_is_nothing_to_another()
    {
        await using var registry = await StartAsync(Anna + Bert);
        using var begun = await registry.SendAsync(HttpMethod.Post, "/v2/app/blobs/uploads/", [], AsAnna);
        var address = begun.Headers.Location.ShouldNotBeNull().ToString();

        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Patch, HttpMethod.Delete })
        {
            using var answer = await registry.SendAsync(method, address, method == HttpMethod.Patch ? [1] : null, AsBert);
            await answer.RefusedAsync(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        }
        using var put = await registry.SendAsync(HttpMethod.Put, $"{address}?digest={ServedRegistry.DigestOf([1])}", [1], AsBert);
        await put.RefusedAsync(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        using var own = await registry.SendAsync(HttpMethod.Put, $"{address}?digest={ServedRegistry.DigestOf([1])}", [1], AsAnna);
        own.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_changed_file_counts_at_once_and_a_broken_one_changes_nothing()
    {
        await using var registry = await StartAsync(Anna);
        await ReplaceAsync(Bert);
        using (var gone = await registry.SendAsync(HttpMethod.Get, "/v2/", user: AsAnna))
            gone.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using (var come = await registry.SendAsync(HttpMethod.Get, "/v2/", user: AsBert))
            come.StatusCode.ShouldBe(HttpStatusCode.OK);

        await ReplaceAsync("bert:plain\n");
        using var still = await registry.SendAsync(HttpMethod.Get, "/v2/", user: AsBert);
        still.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("anna:$apr1$abcdefgh$ijklmnopqrstuvwxyz0123", "Apache's MD5")]
    [InlineData("anna:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "plain SHA-1")]
    [InlineData("anna:$6$salt$hash", "SHA-512 crypt")]
    [InlineData("anna:$5$salt$hash", "SHA-256 crypt")]
    [InlineData("anna:rl.3StKT.4T8M", "crypt's DES")]
    [InlineData("anna:password", "of no kind that is known")]
    [InlineData("anna:$2y$04$short", "a damaged or unknown form of bcrypt")]
    [InlineData("anna", "want NAME:HASH")]
    public async Task Other_hashes_are_refused_by_name(string line, string kind)
    {
        var refused = await Should.ThrowAsync<InvalidDataException>(() => StartAsync("# users\n\n" + line + "\n"));
        refused.Message.ShouldContain(kind);
        refused.Message.ShouldContain("line 3");
    }

    private async Task<ServedRegistry> StartAsync(string users)
    {
        await File.WriteAllTextAsync(_file, users);
        return await ServedRegistry.StartAsync(options => options with { UsersFile = _file });
    }

    private async Task ReplaceAsync(string users)
    {
        // Of the same length, and soon after: the file system's clock may not have ticked.
        await File.WriteAllTextAsync(_file + ".new", users);
        File.Move(_file + ".new", _file, overwrite: true);
    }
}
