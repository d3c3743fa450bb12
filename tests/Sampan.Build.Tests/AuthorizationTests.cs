using System.Text;
using Sampan.Build.Execution;

namespace Sampan.Build.Tests;

public sealed class AuthorizationTests
{
    private static readonly Uri s_file = new("https://example.test:8443/x.tar");

    [Fact]
    public void A_files_host_is_told_what_the_secret_of_its_name_says()
    {
        Authorization.OfFile(Secrets(("HTTP_AUTH_HEADER_example.test:8443", "Basic abc\n")), s_file).ShouldBe("Basic abc");
        Authorization.OfFile(Secrets(("HTTP_AUTH_TOKEN_example.test", "abc")), s_file).ShouldBe("Bearer abc");
        Authorization.OfFile(Secrets(("HTTP_AUTH_HEADER_example.test", "Digest x"), ("HTTP_AUTH_TOKEN_example.test", "abc")), s_file).ShouldBe("Digest x");
    }

    [Fact]
    public void Another_host_is_told_nothing()
    {
        Authorization.OfFile(Secrets(("HTTP_AUTH_TOKEN_other.test", "abc"), ("HTTP_AUTH_TOKEN_", "abc"), ("GIT_AUTH_TOKEN", "abc")), s_file).ShouldBeNull();
        Authorization.OfRepository(Secrets(("GIT_AUTH_TOKEN.other.test", "abc")), "https://example.test/r.git").ShouldBeNull();
        Authorization.OfRepository(Secrets(("GIT_AUTH_TOKEN", "abc")), "git@example.test:r.git").ShouldBeNull();
        Authorization.OfRepository(Secrets(("GIT_AUTH_TOKEN", "abc")), "ssh://example.test/r.git").ShouldBeNull();
    }

    [Fact]
    public void A_repositorys_host_comes_before_any_host_and_a_header_before_a_token()
    {
        var basic = "basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("x-access-token:abc"));
        Authorization.OfRepository(Secrets(("GIT_AUTH_TOKEN", "abc")), "https://example.test/r.git").ShouldBe(basic);
        Authorization.OfRepository(Secrets(("GIT_AUTH_TOKEN.example.test", "abc"), ("GIT_AUTH_HEADER", "Bearer z")), "https://example.test/r.git").ShouldBe(basic);
        Authorization.OfRepository(Secrets(("GIT_AUTH_TOKEN", "abc"), ("GIT_AUTH_HEADER", "Bearer z")), "https://example.test/r.git").ShouldBe("Bearer z");
    }

    [Fact]
    public void A_secret_that_would_be_two_headers_is_refused_without_being_quoted()
    {
        var refused = Should.Throw<BuildException>(() => Authorization.OfFile(Secrets(("HTTP_AUTH_TOKEN_example.test", "a\r\nHost: other")), s_file));
        refused.Message.ShouldBe("secret 'HTTP_AUTH_TOKEN_example.test' is no line of a header: it has a control character in it");
    }

    private static Dictionary<string, byte[]> Secrets(params (string Name, string Value)[] secrets) => secrets.ToDictionary(secret => secret.Name, secret => Encoding.UTF8.GetBytes(secret.Value));
}
