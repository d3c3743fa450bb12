FROM busybox
RUN true
FROM busybox
WORKDIR /a
WORKDIR b
WORKDIR ../c/./d
COPY *.txt file?.[ch] ./
COPY ["with space.txt", "/to here/"]
COPY . ..
COPY --from=0 /etc/passwd /etc/group /tmp/
ENV path=/x:$PATH A=1 B="two words" C=three\ words
ENV old style $A
RUN echo \
# between

    done
