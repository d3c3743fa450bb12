using Sampan.Oci.Images;

namespace Sampan.Oci.Tests.Images;

public sealed class ImageReferenceTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("nginx", "docker.io/library/nginx:latest", "nginx:latest")]
    [InlineData("nginx:1.25", "docker.io/library/nginx:1.25", "nginx:1.25")]
    [InlineData("docker.io/nginx", "docker.io/library/nginx:latest", "nginx:latest")]
    [InlineData("index.docker.io/library/nginx", "docker.io/library/nginx:latest", "nginx:latest")]
    [InlineData("bitnami/redis", "docker.io/bitnami/redis:latest", "bitnami/redis:latest")]
    [InlineData("library/a/b", "docker.io/library/a/b:latest", "library/a/b:latest")]
    [InlineData("localhost/app", "localhost/app:latest", "localhost/app:latest")]
    [InlineData("localhost:5000/app:v1", "localhost:5000/app:v1", "localhost:5000/app:v1")]
    [InlineData("[::1]:5000/app", "[::1]:5000/app:latest", "[::1]:5000/app:latest")]
    [InlineData("Registry.example/team/app_x__y-z---w", "Registry.example/team/app_x__y-z---w:latest", "Registry.example/team/app_x__y-z---w:latest")]
    [InlineData("a@sha256:" + Hex, "docker.io/library/a@sha256:" + Hex, "a@sha256:" + Hex)]
    [InlineData("a:t@sha256:" + Hex, "docker.io/library/a:t@sha256:" + Hex, "a:t@sha256:" + Hex)]
    public void Names_are_normalised_and_shortened_as_docker_does(string text, string full, string familiar)
    {
        var reference = ImageReference.Parse(text);

        reference.ToString().ShouldBe(full);
        reference.Familiar.ShouldBe(familiar);
        ImageReference.Parse(full).ShouldBe(reference);
    }

    [Theory]
    [InlineData("", "invalid reference format")]
    [InlineData(":tag", "invalid reference format")]
    [InlineData("a:", "invalid reference format")]
    [InlineData("a:-x", "invalid reference format")]
    [InlineData("a b", "invalid reference format")]
    [InlineData("a//b", "invalid reference format")]
    [InlineData("a/", "invalid reference format")]
    [InlineData("-a", "invalid reference format")]
    [InlineData("a..b", "invalid reference format")]
    [InlineData("a___b", "invalid reference format")]
    [InlineData("a@sha256:00", "invalid reference format")]
    [InlineData("a@sha512:" + Hex, "invalid reference format")]
    [InlineData("exa_mple.com/a", "invalid reference format")]
    [InlineData("host:port/a", "invalid reference format")]
    [InlineData("../etc/passwd", "invalid reference format")]
    [InlineData("Nginx", "invalid reference format: repository name (library/Nginx) must be lowercase")]
    [InlineData(Hex, "invalid repository name (" + Hex + "), cannot specify 64-byte hexadecimal strings")]
    public void Bad_names_are_refused_in_dockers_words(string text, string error)
    {
        ImageReference.TryParse(text, out _, out var said).ShouldBeFalse();
        said.ShouldBe(error);
    }

    [Fact]
    public void Names_longer_than_255_characters_are_refused() =>
        ImageReference.TryParse(new string('a', 256), out _, out _).ShouldBeFalse();

    [Fact]
    public void Tags_end_at_128_characters()
    {
        ImageReference.TryParse("a:" + new string('x', 128), out _, out _).ShouldBeTrue();
        ImageReference.TryParse("a:" + new string('x', 129), out _, out _).ShouldBeFalse();
    }

    [Fact]
    public void An_exact_parse_leaves_a_bare_name_without_tag()
    {
        ImageReference.TryParseExact("nginx", out var bare, out _).ShouldBeTrue();
        bare!.Tag.ShouldBeNull();
        bare.Familiar.ShouldBe("nginx");
    }
}
