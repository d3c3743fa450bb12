using System.Text;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images.Remotes;

namespace Sampan.Storage.Tests.Distribution;

public sealed class CredentialTests : RegistryTest
{
    private static readonly RegistryCredentials s_user = new() { Username = "anna", Password = "geheim" };
    private static readonly string s_basic = "Basic " + Convert.ToBase64String("anna:geheim"u8);

    [Fact]
    public async Task Basic_is_shown_when_it_is_asked_for()
    {
        TestImage.Publish(Registry, "app", "v1", TestImage.Layer("a", 100));
        Registry.Intercept = request => request.Header("Authorization") == s_basic ? null : new TestAnswer(401).With("WWW-Authenticate", "Basic realm=\"r\"");

        await PullAsync("app:v1", pull: new PullOptions { Credentials = s_user });

        Registry.Requests.First().Header("Authorization").ShouldBeNull();
        var failure = await Should.ThrowAsync<RegistryException>(() => PullAsync("app:v2"));
        failure.Kind.ShouldBe(StorageError.Unauthorized);
    }

    [Fact]
    public async Task A_token_is_fetched_once_with_the_scope_and_goes_to_the_registry_only()
    {
        await using var tokens = new TestRegistry();
        tokens.Intercept = _ => TestAnswer.Json(200, """{"token":"T1","expires_in":300}""");
        TestImage.Publish(Registry, "team/app", "v1", TestImage.Layer("a", 100), TestImage.Layer("b", 100));
        Registry.Intercept = request => request.Header("Authorization") == "Bearer T1" ? null
            : new TestAnswer(401).With("WWW-Authenticate", $"Bearer realm=\"{tokens.Url}/token\",service=\"the, service\",scope=\"repository:team/app:pull\"");

        await PullAsync("team/app:v1", pull: new PullOptions { Credentials = s_user });

        var asked = tokens.Requests.Single();
        asked.Header("Authorization").ShouldBe(s_basic);
        asked.Query("service").ShouldBe("the, service");
        asked.Query("scope").ShouldBe("repository:team/app:pull");
        asked.Query("account").ShouldBe("anna");
        Registry.Requests.ShouldAllBe(request => request.Header("Authorization") == null || request.Header("Authorization") == "Bearer T1");
    }

    [Fact]
    public async Task An_identity_token_is_exchanged_and_never_shown_to_the_registry()
    {
        await using var tokens = new TestRegistry();
        tokens.Intercept = _ => TestAnswer.Json(200, """{"access_token":"T2"}""");
        TestImage.Publish(Registry, "app", "v1", TestImage.Layer("a", 100));
        Registry.Intercept = request => request.Header("Authorization") == "Bearer T2" ? null : new TestAnswer(401).With("WWW-Authenticate", $"Bearer realm=\"{tokens.Url}/token\"");

        await PullAsync("app:v1", pull: new PullOptions { Credentials = new RegistryCredentials { IdentityToken = "R&1" } });

        var asked = tokens.Requests.Single();
        asked.Method.ShouldBe("POST");
        Encoding.ASCII.GetString(asked.Body).ShouldContain("grant_type=refresh_token");
        Encoding.ASCII.GetString(asked.Body).ShouldContain("refresh_token=R%261");
    }

    [Fact]
    public async Task A_wrong_password_is_told_as_that()
    {
        await using var tokens = new TestRegistry();
        tokens.Intercept = _ => TestAnswer.Json(401, """{"details":"incorrect username or password"}""");
        Registry.Intercept = _ => new TestAnswer(401).With("WWW-Authenticate", $"Bearer realm=\"{tokens.Url}/token\"");

        var failure = await Should.ThrowAsync<RegistryException>(() => Client().LoginAsync(Registry.Host, s_user, Ct));

        failure.Kind.ShouldBe(StorageError.Unauthorized);
        failure.Message.ShouldContain("incorrect username or password");
        failure.Message.ShouldNotContain("geheim");
    }

    [Fact]
    public async Task A_login_brings_the_refresh_token_that_it_asked_for()
    {
        await using var tokens = new TestRegistry();
        tokens.Intercept = request => request.Query("offline_token") == "true" ? TestAnswer.Json(200, """{"token":"T","refresh_token":"R"}""") : new TestAnswer(400);
        Registry.Intercept = request => request.Header("Authorization") == "Bearer T" ? null : new TestAnswer(401).With("WWW-Authenticate", $"Bearer realm=\"{tokens.Url}/token\"");

        (await Client().LoginAsync(Registry.Host, s_user, Ct)).ShouldBe("R");
    }

    [Fact(DisplayName = "CVE-2020-15157: credentials do not follow a redirect to another host")]
    public async Task CVE_2020_15157_credentials_do_not_follow_a_redirect_to_another_host()
    {
        TestImage.Publish(Registry, "app", "v1", TestImage.Layer("a", 100));
        await using var storage = new TestRegistry();
        storage.Intercept = request => Registry.Answer(request with { Target = request.Target.Split('?')[0] });
        Registry.Intercept = request => request.Header("Authorization") != s_basic ? new TestAnswer(401).With("WWW-Authenticate", "Basic realm=\"r\"")
            : request.Path.Contains("/blobs/", StringComparison.Ordinal) ? new TestAnswer(307).With("Location", $"{storage.Url}{request.Target}?signature=x") : null;

        await PullAsync("app:v1", pull: new PullOptions { Credentials = s_user });

        storage.Requests.ShouldNotBeEmpty();
        storage.Requests.ShouldAllBe(request => request.Header("Authorization") == null);
    }

    [Fact]
    public async Task Whoever_blobs_are_redirected_to_cannot_ask_for_credentials()
    {
        TestImage.Publish(Registry, "app", "v1", TestImage.Layer("a", 100));
        await using var thief = new TestRegistry();
        thief.Intercept = _ => new TestAnswer(401).With("WWW-Authenticate", "Basic realm=\"r\"");
        Registry.Intercept = request => request.Path.Contains("/blobs/", StringComparison.Ordinal) ? new TestAnswer(307).With("Location", $"{thief.Url}{request.Target}") : null;

        await Should.ThrowAsync<RegistryException>(() => PullAsync("app:v1", pull: new PullOptions { Credentials = s_user }));

        thief.Requests.ShouldAllBe(request => request.Header("Authorization") == null);
    }

    [Fact]
    public async Task A_token_server_that_sends_credentials_elsewhere_is_refused()
    {
        await using var tokens = new TestRegistry();
        await using var thief = new TestRegistry();
        tokens.Intercept = _ => new TestAnswer(302).With("Location", thief.Url);
        Registry.Intercept = _ => new TestAnswer(401).With("WWW-Authenticate", $"Bearer realm=\"{tokens.Url}/token\"");

        (await Should.ThrowAsync<RegistryException>(() => PullAsync("app:v1", pull: new PullOptions { Credentials = s_user }))).Message.ShouldContain("sends requests with credentials elsewhere");
        thief.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Bearer realm=\"nonsense\"")]
    [InlineData("Bearer realm=\"file:///etc/passwd\"")]
    [InlineData("Bearer realm=\"http://user:pass@127.0.0.1/\"")]
    public async Task A_challenge_without_a_token_server_is_refused(string challenge)
    {
        Registry.Intercept = _ => new TestAnswer(401).With("WWW-Authenticate", challenge);

        (await Should.ThrowAsync<RegistryException>(() => PullAsync("app:v1"))).Message.ShouldContain("names no token server");
    }

    [Fact]
    public void Credentials_show_no_secret()
    {
        s_user.ToString().ShouldNotContain("geheim");
        $"{new RegistryCredentials { IdentityToken = "secret", RegistryToken = "secret" }}".ShouldNotContain("secret");
    }
}
